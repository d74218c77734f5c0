-- How many accounts each user group has, and how many of them may log in.
SELECT m.group_id, COUNT(*), SUM(u.block <> 1)
FROM `#__user_usergroup_map` m
    JOIN `#__users` u ON u.id = m.user_id
GROUP BY m.group_id
