-- The first account in a range of ids that is in one of some user groups and in none of others, and
-- may log in, with an e-mail that is its own alone.
SELECT m.user_id
FROM `#__user_usergroup_map` m
    JOIN `#__users` u ON u.id = m.user_id
WHERE m.user_id BETWEEN :first AND :last AND m.group_id IN (#groups#)
    AND NOT EXISTS (
        SELECT 1
        FROM `#__user_usergroup_map` o
        WHERE o.user_id = m.user_id AND o.group_id IN (#others#)
    )
    AND u.block <> 1 AND u.email <> ''
    AND NOT EXISTS (SELECT 1 FROM `#__users` other WHERE other.email = u.email AND other.id <> u.id)
ORDER BY m.user_id
LIMIT 1
