-- The first blocked account in a range of ids, with an e-mail that is its own alone.
SELECT u.id
FROM `#__users` u
WHERE u.id BETWEEN :first AND :last AND u.block = 1 AND u.email <> ''
    AND NOT EXISTS (SELECT 1 FROM `#__users` other WHERE other.email = u.email AND other.id <> u.id)
ORDER BY u.id
LIMIT 1
