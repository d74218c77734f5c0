-- The character sets of the columns that names are looked up in; no row where there is no account.
SELECT CHARSET(email), CHARSET(username)
FROM `#__users`
LIMIT 1
