SELECT COUNT(*) FROM tokens WHERE revoked_at IS NULL AND epoch <> (SELECT epoch FROM ledger)
