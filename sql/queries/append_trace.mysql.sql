-- Rows of jBackend's log; one `(?, …)` follows for each.
INSERT INTO `#__jbackend_logs`
    (endpoint, access_type, request_time, request_date, error, error_code, user_id, `key`,
     action, module, resource, duration)
VALUES
