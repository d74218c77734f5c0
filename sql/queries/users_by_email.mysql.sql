-- The accounts an e-mail address names, with their direct groups: one row per account and group.
-- The column's collation decides what matches. `:plus` is the address with `+` for its blanks
-- (the address itself where it holds none); those rows count only when `:sent` matches nobody.
-- The ranks stand inside the limit of candidates, so that the best of them are not cut off: equal in
-- every byte, then equal but for ASCII case. latin1's LOWER folds UTF-8 bytes one to one. The inner
-- limit bounds what is ranked at all; one more than 20 tells that there are more.
SELECT u.id, u.name, u.username, u.email, u.block, u.as_sent, m.group_id
FROM (
    SELECT id, name, username, email, block, (email = :sent) AS as_sent,
        CAST(CONVERT(email USING utf8mb4) AS BINARY)
            IN (CAST(:sent AS BINARY), CAST(:plus AS BINARY)) AS same_bytes,
        CAST(LOWER(CONVERT(CAST(CONVERT(email USING utf8mb4) AS BINARY) USING latin1)) AS BINARY)
            IN (CAST(LOWER(CONVERT(CAST(:sent AS BINARY) USING latin1)) AS BINARY),
                CAST(LOWER(CONVERT(CAST(:plus AS BINARY) USING latin1)) AS BINARY)) AS same_letters
    FROM (
        SELECT id, name, username, email, block
        FROM `#__users`
        WHERE email IN (:sent, :plus)
        LIMIT 1000
    ) matching
    ORDER BY as_sent DESC, same_bytes DESC, same_letters DESC, id
    LIMIT 21
) u
#memberships#
