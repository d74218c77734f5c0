-- The accounts an e-mail address names, with their direct groups: one row per account and group.
-- SQLite knows no Joomla collation: names match exactly, or but for ASCII case. `:plus` is the
-- address with `+` for its blanks; those rows count only when `:sent` matches nobody.
SELECT u.id, u.name, u.username, u.email, u.block, u.as_sent, m.group_id
FROM (
    SELECT id, name, username, email, block, (email = :sent COLLATE NOCASE) AS as_sent
    FROM `#__users`
    WHERE email COLLATE NOCASE IN (:sent, :plus)
    ORDER BY as_sent DESC, (email COLLATE BINARY) IN (:sent, :plus) DESC, id
    LIMIT 21
) u
#memberships#
