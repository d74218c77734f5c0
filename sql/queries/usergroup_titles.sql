-- The names of the user groups, for the command `explain` alone: an account that may not read them
-- serves all the same.
SELECT id, title
FROM `#__usergroups`
ORDER BY id
LIMIT 10001
