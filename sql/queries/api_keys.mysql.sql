-- The API keys, those that end first in front; a zero date is none.
SELECT `key`, published,
    IF(YEAR(expiration_date) = 0, '', CAST(expiration_date AS CHAR)) AS expires,
    IF(YEAR(expiration_date) = 0, NULL, TIMESTAMPDIFF(DAY, UTC_TIMESTAMP(), expiration_date)
        - (expiration_date <= UTC_TIMESTAMP())) AS days_left,
    daily_requests,
    IF(current_day <=> UTC_DATE(), current_hits, 0) AS today
FROM `#__jbackend_keys`
ORDER BY published DESC, (YEAR(expiration_date) = 0), expiration_date, `key`
LIMIT 200
