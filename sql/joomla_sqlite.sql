-- The columns of a Joomla 5 site that the bridge reads, for SQLite: `demo` and the tests.
-- `#__` stands for the table prefix. Names compare without regard to ASCII case, as far as
-- SQLite can follow Joomla's collation; see docs/joomla.md.

CREATE TABLE `#__users` (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    username TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    email TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    password TEXT NOT NULL DEFAULT '',
    block INTEGER NOT NULL DEFAULT 0,
    activation TEXT NOT NULL DEFAULT '',
    requireReset INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX `#__users_username` ON `#__users` (username);
CREATE INDEX `#__users_email` ON `#__users` (email);

CREATE TABLE `#__user_usergroup_map` (
    user_id INTEGER NOT NULL DEFAULT 0,
    group_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, group_id)
) WITHOUT ROWID;

CREATE TABLE `#__usergroups` (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER NOT NULL DEFAULT 0,
    lft INTEGER NOT NULL DEFAULT 0,
    rgt INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT ''
);

CREATE TABLE `#__viewlevels` (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL DEFAULT '',
    ordering INTEGER NOT NULL DEFAULT 0,
    rules TEXT NOT NULL
);

CREATE TABLE `#__extensions` (
    extension_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    type TEXT NOT NULL COLLATE NOCASE,
    element TEXT NOT NULL COLLATE NOCASE,
    folder TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    client_id INTEGER NOT NULL DEFAULT 0,
    enabled INTEGER NOT NULL DEFAULT 0,
    access INTEGER NOT NULL DEFAULT 1,
    manifest_cache TEXT NOT NULL DEFAULT '',
    params TEXT NOT NULL DEFAULT '',
    changelogurl TEXT DEFAULT NULL
);

CREATE TABLE `#__user_mfa` (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    method TEXT NOT NULL
);
CREATE INDEX `#__user_mfa_user` ON `#__user_mfa` (user_id);

CREATE TABLE `#__menu` (
    id INTEGER PRIMARY KEY,
    menutype TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    alias TEXT NOT NULL DEFAULT '',
    path TEXT NOT NULL DEFAULT '',
    link TEXT NOT NULL DEFAULT '',
    type TEXT NOT NULL DEFAULT 'component',
    published INTEGER NOT NULL DEFAULT 0,
    parent_id INTEGER NOT NULL DEFAULT 1,
    level INTEGER NOT NULL DEFAULT 0,
    component_id INTEGER NOT NULL DEFAULT 0,
    access INTEGER NOT NULL DEFAULT 0,
    params TEXT NOT NULL DEFAULT '',
    home INTEGER NOT NULL DEFAULT 0,
    language TEXT NOT NULL DEFAULT '',
    client_id INTEGER NOT NULL DEFAULT 0,
    publish_up TEXT DEFAULT NULL,
    publish_down TEXT DEFAULT NULL
);

CREATE TABLE `#__languages` (
    lang_id INTEGER PRIMARY KEY,
    lang_code TEXT NOT NULL,
    title TEXT NOT NULL,
    sef TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE `#__session` (
    session_id TEXT PRIMARY KEY,
    client_id INTEGER DEFAULT NULL,
    guest INTEGER DEFAULT 1,
    time INTEGER NOT NULL DEFAULT 0,
    userid INTEGER DEFAULT 0
);
