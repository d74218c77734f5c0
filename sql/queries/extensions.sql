-- The extension rows the settings come from: jBackend's plugins and component, the
-- guests' group, the Joomla version, and the plugins that take part in a login.
-- The texts are fetched only where they are read; they can be long.
SELECT extension_id, type, element, folder, enabled, access,
    CASE WHEN type = 'component' OR (type = 'plugin' AND folder = 'jbackend') THEN params ELSE '' END
        AS params,
    CASE WHEN type = 'file' THEN manifest_cache ELSE '' END AS manifest_cache
FROM `#__extensions`
WHERE (type = 'plugin' AND folder = 'jbackend' AND element IN ('release', 'user'))
    OR (type = 'component' AND element IN ('com_jbackend', 'com_users'))
    OR (type = 'file' AND element = 'joomla')
    OR (type = 'plugin' AND enabled = 1
        AND folder IN ('twofactorauth', 'multifactorauth', 'authentication'))
ORDER BY (type = 'plugin' AND folder <> 'jbackend'), extension_id
LIMIT 501
