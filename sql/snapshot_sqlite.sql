-- What a snapshot of a site holds (docs/operations.md, "When the database is gone"): the rows that
-- answers are made of, and no others. `#__` stands for the site's table prefix. Menu and languages
-- are added where the account may read them, and what tells the version of a Joomla.
-- Names have no collation of their own here: they match byte by byte.

CREATE TABLE `#__users` (
    id INTEGER PRIMARY KEY,
    name TEXT,
    username TEXT,
    email TEXT,
    block INTEGER,
    password TEXT,
    two_factor INTEGER
);

CREATE TABLE `#__user_usergroup_map` (
    user_id INTEGER,
    group_id INTEGER,
    PRIMARY KEY (user_id, group_id)
) WITHOUT ROWID;

CREATE TABLE `#__usergroups` (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER,
    lft INTEGER,
    rgt INTEGER,
    title TEXT DEFAULT ''
);

CREATE TABLE `#__viewlevels` (
    id INTEGER PRIMARY KEY,
    rules TEXT
);

-- Names of extensions match without regard to case, as in Joomla's own database.
CREATE TABLE `#__extensions` (
    extension_id INTEGER PRIMARY KEY,
    type TEXT COLLATE NOCASE,
    element TEXT COLLATE NOCASE,
    folder TEXT COLLATE NOCASE,
    enabled INTEGER,
    access INTEGER,
    params TEXT,
    manifest_cache TEXT
);

-- When the rows were read (seconds since 1970), of which site, whether the password hashes are
-- there, and how many rows of each kind: one row, written last.
CREATE TABLE snapshot (
    taken_at INTEGER NOT NULL,
    site TEXT NOT NULL,
    has_passwords INTEGER NOT NULL,
    users INTEGER NOT NULL,
    memberships INTEGER NOT NULL,
    usergroups INTEGER NOT NULL,
    viewlevels INTEGER NOT NULL,
    release_plugins INTEGER NOT NULL
);
