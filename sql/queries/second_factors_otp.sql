-- Accounts with a second factor, from Joomla 3.2 to 4.1.
SELECT COUNT(*) FROM `#__users` WHERE otpKey <> ''
