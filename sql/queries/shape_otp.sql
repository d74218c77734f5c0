-- Prepared, never run: the second factor of an account from Joomla 3.2 to 4.1.
SELECT otpKey
FROM `#__users`
