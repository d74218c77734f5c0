-- The accounts a user name names, with password hash and direct groups: one row per account and
-- group. Ranked and bounded as in users_by_email. `#two_factor#` becomes the expression that tells whether
-- the account has a second factor: 0, otpKey, or a row of the multi-factor table.
SELECT u.id, u.name, u.username, u.email, u.block, u.password, u.two_factor, m.group_id
FROM (
    SELECT id, name, username, email, block, password, two_factor,
        CAST(CONVERT(username USING utf8mb4) AS BINARY) = CAST(:sent AS BINARY) AS same_bytes,
        CAST(LOWER(CONVERT(CAST(CONVERT(username USING utf8mb4) AS BINARY) USING latin1)) AS BINARY)
            = CAST(LOWER(CONVERT(CAST(:sent AS BINARY) USING latin1)) AS BINARY) AS same_letters
    FROM (
        SELECT id, name, username, email, block, password, (#two_factor#) AS two_factor
        FROM `#__users` a
        WHERE username = :sent
        LIMIT 1000
    ) matching
    ORDER BY same_bytes DESC, same_letters DESC, id
    LIMIT 21
) u
#memberships#
