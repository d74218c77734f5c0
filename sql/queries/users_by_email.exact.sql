-- The accounts an e-mail address names, with their direct groups: one row per account and group.
-- In a snapshot names match byte by byte. `:plus` is the address with `+` for its blanks; those
-- rows count only when `:sent` matches nobody.
SELECT u.id, u.name, u.username, u.email, u.block, u.as_sent, m.group_id
FROM (
    SELECT id, name, username, email, block, (email = :sent) AS as_sent
    FROM `#__users`
    WHERE email IN (:sent, :plus)
    ORDER BY as_sent DESC, id
    LIMIT 21
) u
#memberships#
