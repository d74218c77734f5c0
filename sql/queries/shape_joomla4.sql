-- Prepared, never run: a column that the extension table has since Joomla 4.
SELECT changelogurl
FROM `#__extensions`
