-- The accounts a user name names, with password hash and direct groups: one row per account and
-- group. Names match exactly, or but for ASCII case. `#two_factor#` becomes the expression that
-- tells whether the account has a second factor: 0, otpKey, or a row of the multi-factor table.
SELECT u.id, u.name, u.username, u.email, u.block, u.password, u.two_factor, m.group_id
FROM (
    SELECT id, name, username, email, block, password, (#two_factor#) AS two_factor
    FROM `#__users` a
    WHERE username = :sent COLLATE NOCASE
    ORDER BY username = :sent COLLATE BINARY DESC, id
    LIMIT 21
) u
#memberships#
