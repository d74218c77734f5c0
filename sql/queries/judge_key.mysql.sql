-- Why an API key may make no request: is it published, expired, used up for today?
SELECT published,
    COALESCE(YEAR(expiration_date) <> 0 AND expiration_date <= UTC_TIMESTAMP(), 0) AS expired,
    (daily_requests <> 0 AND current_day <=> UTC_DATE() AND current_hits >= daily_requests) AS used_up
FROM `#__jbackend_keys`
WHERE `key` = :key
