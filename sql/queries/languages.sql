-- URL prefixes of a site's languages, as far as the language filter is switched on.
SELECT sef
FROM `#__languages`
WHERE published = 1
    AND EXISTS (SELECT 1 FROM `#__extensions`
        WHERE type = 'plugin' AND folder = 'system' AND element = 'languagefilter' AND enabled = 1)
ORDER BY sef
