-- The accounts a user name names, with password hash and direct groups: one row per account and
-- group. In a snapshot names match byte by byte. `#two_factor#` becomes the expression that tells
-- whether the account has a second factor.
SELECT u.id, u.name, u.username, u.email, u.block, u.password, u.two_factor, m.group_id
FROM (
    SELECT id, name, username, email, block, password, (#two_factor#) AS two_factor
    FROM `#__users` a
    WHERE username = :sent
    ORDER BY id
    LIMIT 21
) u
#memberships#
