-- Counts a request on an API key that may make one. The assignments are evaluated in their order:
-- `current_hits` must come before `current_day`.
UPDATE `#__jbackend_keys`
SET hits = hits + 1,
    last_visit = UTC_TIMESTAMP(),
    current_hits = IF(current_day <=> UTC_DATE(), current_hits + 1, 1),
    current_day = UTC_DATE()
WHERE `key` = :key AND published = 1
    AND (expiration_date IS NULL OR YEAR(expiration_date) = 0 OR expiration_date > UTC_TIMESTAMP())
    AND (daily_requests = 0 OR NOT (current_day <=> UTC_DATE()) OR current_hits < daily_requests)
