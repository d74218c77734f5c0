-- Some accounts in a range of ids that are assigned to a user group, with all their direct groups,
-- in the order of their ids: one row per account and group. The map has no index by group, so the
-- range bounds what is read of its primary key. Rows of deleted accounts do not count.
SELECT u.id, u.name, u.username, u.email, u.block, 1, m.group_id
FROM (
    SELECT map.user_id
    FROM `#__user_usergroup_map` map
        JOIN `#__users` account ON account.id = map.user_id
    WHERE map.user_id BETWEEN :first AND :last AND map.group_id = :group
    ORDER BY map.user_id
    LIMIT 20
) members
JOIN `#__users` u ON u.id = members.user_id
#memberships#
