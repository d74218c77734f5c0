INSERT INTO tokens (hash, epoch, may, package_group, networks, created_at, created_by, expires_at)
SELECT :hash, l.epoch, :may, :package_group, :networks, :created_at, :created_by, :expires_at
FROM ledger l
