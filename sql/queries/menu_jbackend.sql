-- All menu items that are jBackend's, for those no end-point came of.
SELECT id, path, published, access
FROM `#__menu`
WHERE client_id = 0 AND link = 'index.php?option=com_jbackend&view=request'
ORDER BY id
LIMIT 200
