-- The next accounts of a copy, by the primary key: each page is a short statement, however many
-- accounts there are. `#password#` and `#two_factor#` are what stands for them in a copy without
-- password hashes, or the column and the expression of the account query.
SELECT id, name, username, email, block, #password#, (#two_factor#)
FROM `#__users` a
WHERE id > :after
ORDER BY id
LIMIT 1000
