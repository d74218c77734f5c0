-- The account with an id and its direct groups: one row per group.
SELECT u.id, u.name, u.username, u.email, u.block, 1, m.group_id
FROM `#__users` u
LEFT JOIN `#__user_usergroup_map` m ON m.user_id = u.id
WHERE u.id = :id
