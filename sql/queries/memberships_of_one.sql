-- The direct groups of one account, the lowest first; one more than is looked at.
SELECT group_id
FROM `#__user_usergroup_map`
WHERE user_id = :id
ORDER BY group_id
LIMIT 1001
