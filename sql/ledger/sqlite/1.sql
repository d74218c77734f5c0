-- The ledger on SQLite, version 1. Times are seconds since 1970, UTC.

-- One row. `revision` is raised by each write that may change an answer; `epoch` by each restore.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    -- Set in backups only: the time up to which they are complete.
    backed_up_at INTEGER
) STRICT;
INSERT INTO ledger (id, epoch, revision) VALUES (1, 1, 1);

-- Extensions, each with the package group that owns it; NULL is free.
CREATE TABLE extensions (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    element TEXT NOT NULL,
    client TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT '',
    owner_group TEXT,
    UNIQUE (type, element, client, folder)
) STRICT;

CREATE TABLE releases (
    -- As the id of a package in the plugin's lines.
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    extension INTEGER NOT NULL REFERENCES extensions (id),
    package_group TEXT,
    channel TEXT NOT NULL CHECK (channel IN ('dev', 'alpha', 'beta', 'rc', 'stable')),
    state TEXT NOT NULL CHECK (state IN ('staged', 'published', 'held', 'withdrawn')),
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    -- Hexadecimal, lower case.
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    sha384 TEXT NOT NULL CHECK (length(sha384) = 96),
    sha512 TEXT NOT NULL CHECK (length(sha512) = 128),
    signature TEXT,
    target_platform TEXT,
    php_minimum TEXT,
    supported_databases TEXT,
    security INTEGER CHECK (security BETWEEN 0 AND 4),
    changelog TEXT,
    stored_at INTEGER NOT NULL,
    stored_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;

-- The bytes that were published, or first seen in the plugin's lines, under an id and version.
CREATE TABLE pins (
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;

-- Upload tokens: only their hash. A token counts while `epoch` is the ledger's.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    epoch INTEGER NOT NULL,
    may TEXT NOT NULL CHECK (may IN ('stage', 'publish', 'withdraw')),
    package_group TEXT,
    networks TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE TABLE token_extensions (
    token INTEGER NOT NULL REFERENCES tokens (id),
    element TEXT NOT NULL,
    PRIMARY KEY (token, element)
) STRICT;

-- Each row carries an HMAC over itself and the row before, by a key that is not in the ledger.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT,
    hmac BLOB NOT NULL CHECK (length(hmac) = 32)
) STRICT;
CREATE TRIGGER audit_is_not_altered BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit log are not altered');
END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit log are not removed');
END;

CREATE TABLE webhook_queue (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL
) STRICT;
