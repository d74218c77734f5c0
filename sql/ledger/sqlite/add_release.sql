INSERT INTO releases (id, version, extension, package_group, channel, state, file_name, size,
    sha256, sha384, sha512, signature, target_platform, php_minimum, supported_databases, security,
    changelog, stored_at, stored_by)
SELECT :id, :version, e.id, :package_group, :channel, :state, :file_name, :size,
    :sha256, :sha384, :sha512, :signature, :target_platform, :php_minimum, :supported_databases,
    :security, :changelog, :stored_at, :stored_by
FROM extensions e
WHERE e.type = :type AND e.element = :element AND e.client = :client AND e.folder = :folder
