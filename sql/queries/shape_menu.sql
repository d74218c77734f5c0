-- Whether the menu may be read; without it end-points come from the configuration alone.
SELECT id, path, link, type, access, params, home, language, client_id, published FROM `#__menu`
