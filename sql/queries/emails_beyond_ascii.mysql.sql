-- Accounts whose e-mail holds characters of more than one byte.
SELECT id, email, block
FROM `#__users`
WHERE LENGTH(CONVERT(email USING utf8mb4)) <> CHAR_LENGTH(email)
ORDER BY id
LIMIT 200
