-- The password hashes of the newest accounts, for the kind and the cost that the site's PHP gives
-- them today.
SELECT password
FROM `#__users`
ORDER BY id DESC
LIMIT 20
