-- Some accounts that are assigned to a user group, with all their direct groups, in the order of
-- their ids from one on: one row per account and group. For samples, so bounded; the map's primary
-- key begins with the user.
SELECT u.id, u.name, u.username, u.email, u.block, 1, m.group_id
FROM (
    SELECT user_id
    FROM `#__user_usergroup_map`
    WHERE group_id = :group AND user_id >= :first
    ORDER BY user_id
    LIMIT 20
) members
JOIN `#__users` u ON u.id = members.user_id
#memberships#
