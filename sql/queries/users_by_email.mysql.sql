-- The accounts an e-mail address names, with their direct groups: one row per account and group.
-- The column's collation decides what matches. `:plus` is the address with `+` for its blanks
-- (the address itself where it holds none); those rows count only when `:sent` matches nobody.
-- The ranks stand inside the limit, so that the best candidates are never cut off: equal in
-- every byte, then equal but for ASCII case. latin1's LOWER folds UTF-8 bytes one to one.
SELECT u.id, u.name, u.username, u.email, u.block, u.as_sent, m.group_id
FROM (
    SELECT id, name, username, email, block, (email = :sent) AS as_sent,
        CAST(CONVERT(email USING utf8mb4) AS BINARY)
            IN (CAST(:sent AS BINARY), CAST(:plus AS BINARY)) AS same_bytes,
        CAST(LOWER(CONVERT(CAST(CONVERT(email USING utf8mb4) AS BINARY) USING latin1)) AS BINARY)
            IN (CAST(LOWER(CONVERT(CAST(:sent AS BINARY) USING latin1)) AS BINARY),
                CAST(LOWER(CONVERT(CAST(:plus AS BINARY) USING latin1)) AS BINARY)) AS same_letters
    FROM `#__users`
    WHERE email IN (:sent, :plus)
    ORDER BY as_sent DESC, same_bytes DESC, same_letters DESC, id
    LIMIT 20
) u
LEFT JOIN `#__user_usergroup_map` m ON m.user_id = u.id
