-- Accounts whose e-mail is empty or holds a blank: no letter can be sent there.
SELECT id, email, block
FROM `#__users`
WHERE email = '' OR email LIKE '% %'
ORDER BY id
LIMIT 200
