-- Whether the visitors' sessions may be read.
SELECT session_id, client_id, guest, userid, time FROM `#__session`
