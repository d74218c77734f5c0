-- The account with an id and its direct groups: one row per group.
SELECT u.id, u.name, u.username, u.email, u.block, 1, m.group_id
FROM (
    SELECT id, name, username, email, block
    FROM `#__users`
    WHERE id = :id
) u
#memberships#
