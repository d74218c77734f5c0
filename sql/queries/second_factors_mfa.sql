-- Accounts with a second factor, since Joomla 4.2.
SELECT COUNT(DISTINCT user_id) FROM `#__user_mfa`
