-- Accounts whose e-mails the column's collation takes for one, the lowest id of each group first.
SELECT u.id, u.email, u.block, shared.first_id
FROM (
    SELECT email, MIN(id) AS first_id
    FROM `#__users`
    GROUP BY email
    HAVING COUNT(*) > 1
    ORDER BY MIN(id)
    LIMIT 50
) shared
JOIN `#__users` u ON u.email = shared.email
ORDER BY shared.first_id, u.id
LIMIT 200
