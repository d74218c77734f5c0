-- Whether the database answers and the accounts can be read.
SELECT 1
FROM `#__users`
LIMIT 1
