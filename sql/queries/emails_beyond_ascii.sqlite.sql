-- Accounts whose e-mail holds characters of more than one byte.
SELECT id, email, block
FROM `#__users`
WHERE LENGTH(CAST(email AS BLOB)) <> LENGTH(email)
ORDER BY id
LIMIT 200
