-- Published menu items that are jBackend's, or aliases that may stand for one.
-- `#in_time#` is the condition on publish_up and publish_down, where the table has them.
SELECT id, path, type, access, params, home, language
FROM `#__menu`
WHERE client_id = 0 AND published = 1
    AND (link = 'index.php?option=com_jbackend&view=request' OR type = 'alias')
    #in_time#
ORDER BY type = 'alias', id
LIMIT 10001
