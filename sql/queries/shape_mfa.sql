-- Prepared, never run: the second factor of an account since Joomla 4.2.
SELECT user_id
FROM `#__user_mfa`
