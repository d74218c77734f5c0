SELECT t.id, t.may, t.package_group, t.networks, t.created_at, t.created_by, t.expires_at,
    t.last_used_at, t.revoked_at, t.epoch <> l.epoch AS is_suspended,
    (SELECT json_group_array(e.element) FROM token_extensions e WHERE e.token = t.id) AS elements
FROM tokens t CROSS JOIN ledger l
WHERE :hash IS NULL OR t.hash = :hash
ORDER BY t.id
