-- The tree of user groups.
SELECT id, parent_id, lft, rgt
FROM `#__usergroups`
ORDER BY id
LIMIT 10001
