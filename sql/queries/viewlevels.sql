-- The access levels, each with the groups it is granted to (a JSON list).
SELECT id, rules
FROM `#__viewlevels`
ORDER BY id
LIMIT 10001
