UPDATE tokens SET epoch = (SELECT epoch FROM ledger)
WHERE revoked_at IS NULL AND epoch <> (SELECT epoch FROM ledger)
