SELECT MAX(
    COALESCE((SELECT MAX(stored_at) FROM releases), 0),
    COALESCE((SELECT MAX(MAX(created_at, COALESCE(last_used_at, 0), COALESCE(revoked_at, 0)))
              FROM tokens), 0)
)
