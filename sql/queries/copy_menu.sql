-- The menu items of the query `menu`, with the dates at which they begin and end: what ends while
-- a copy stands in for the database ends there too. `#dates#` are the columns, or NULL where the
-- table has none.
SELECT id, path, type, access, params, home, language, #dates#
FROM `#__menu`
WHERE client_id = 0 AND published = 1
    AND (link = 'index.php?option=com_jbackend&view=request' OR type = 'alias')
    #in_time#
ORDER BY type = 'alias', id
LIMIT 10001
