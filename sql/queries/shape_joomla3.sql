-- Prepared, never run: the column that only Joomla 3's extension table has.
SELECT system_data
FROM `#__extensions`
