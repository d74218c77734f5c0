-- A visitor's session, and whether his account is blocked.
SELECT s.client_id, s.guest, s.userid, s.time, u.block
FROM `#__session` s
    LEFT JOIN `#__users` u ON u.id = s.userid
WHERE s.session_id = :session
