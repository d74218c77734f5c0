-- The next assignments of a copy, by the primary key.
SELECT user_id, group_id
FROM `#__user_usergroup_map`
WHERE user_id > :user OR (user_id = :user AND group_id > :group)
ORDER BY user_id, group_id
LIMIT 2000
