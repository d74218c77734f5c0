-- Some accounts with their direct groups, in the order of their ids from one on: one row per
-- account and group. For samples, so bounded, and by the primary key whatever the number of
-- accounts.
SELECT u.id, u.name, u.username, u.email, u.block, 1, m.group_id
FROM (
    SELECT id, name, username, email, block
    FROM `#__users`
    WHERE id >= :first
    ORDER BY id
    LIMIT 20
) u
#memberships#
