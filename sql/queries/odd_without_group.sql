-- The first account in a range of ids that is in no user group and is not blocked, with an e-mail that
-- is its own alone. Joomla has an index of `block`, which is narrower than the accounts themselves.
SELECT u.id
FROM `#__users` u
WHERE u.id BETWEEN :first AND :last AND u.block = 0 AND u.email <> ''
    AND NOT EXISTS (SELECT 1 FROM `#__user_usergroup_map` m WHERE m.user_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM `#__users` other WHERE other.email = u.email AND other.id <> u.id)
ORDER BY u.id
LIMIT 1
