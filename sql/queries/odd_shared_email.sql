-- The first account in a range of ids whose e-mail another account has, too; by the index of the
-- e-mails, and as the column's collation takes them.
SELECT u.id
FROM `#__users` u
WHERE u.id BETWEEN :first AND :last AND u.email <> ''
    AND EXISTS (SELECT 1 FROM `#__users` other WHERE other.email = u.email AND other.id <> u.id)
ORDER BY u.id
LIMIT 1
