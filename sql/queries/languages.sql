-- URL prefixes of a site's languages with their tags, as far as the language filter is switched on.
SELECT sef, lang_code
FROM `#__languages`
WHERE published = 1
    AND EXISTS (SELECT 1 FROM `#__extensions`
        WHERE type = 'plugin' AND folder = 'system' AND element = 'languagefilter' AND enabled = 1)
ORDER BY sef
LIMIT 1001
