SELECT r.id, r.version, e.type, e.element, e.client, e.folder, r.package_group, r.channel, r.state,
    r.file_name, r.size, r.sha256, r.sha384, r.sha512, r.signature, r.target_platform,
    r.php_minimum, r.supported_databases, r.security, r.changelog, r.stored_at, r.stored_by
FROM releases r JOIN extensions e ON e.id = r.extension
ORDER BY r.id, r.stored_at, r.version
