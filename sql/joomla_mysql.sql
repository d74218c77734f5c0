-- The tables of a Joomla 5 site that the bridge reads, with all their columns: for the tests.
-- `#__` stands for the site's table prefix. Written from the columns listed in docs/joomla.md.

CREATE TABLE `#__users` (
    id int NOT NULL AUTO_INCREMENT,
    name varchar(400) NOT NULL DEFAULT '',
    username varchar(150) NOT NULL DEFAULT '',
    email varchar(100) NOT NULL DEFAULT '',
    password varchar(100) NOT NULL DEFAULT '',
    block tinyint NOT NULL DEFAULT 0,
    sendEmail tinyint DEFAULT 0,
    registerDate datetime NOT NULL,
    lastvisitDate datetime DEFAULT NULL,
    activation varchar(100) NOT NULL DEFAULT '',
    params text NOT NULL,
    lastResetTime datetime DEFAULT NULL,
    resetCount int NOT NULL DEFAULT 0,
    otpKey varchar(1000) NOT NULL DEFAULT '',
    otep varchar(1000) NOT NULL DEFAULT '',
    requireReset tinyint NOT NULL DEFAULT 0,
    authProvider varchar(100) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY idx_username (username),
    KEY idx_block (block),
    KEY idx_email (email)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__user_usergroup_map` (
    user_id int unsigned NOT NULL DEFAULT 0,
    group_id int unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, group_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__usergroups` (
    id int unsigned NOT NULL AUTO_INCREMENT,
    parent_id int unsigned NOT NULL DEFAULT 0,
    lft int NOT NULL DEFAULT 0,
    rgt int NOT NULL DEFAULT 0,
    title varchar(100) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY idx_title (parent_id, title)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__viewlevels` (
    id int unsigned NOT NULL AUTO_INCREMENT,
    title varchar(100) NOT NULL DEFAULT '',
    ordering int NOT NULL DEFAULT 0,
    rules varchar(5120) NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__extensions` (
    extension_id int NOT NULL AUTO_INCREMENT,
    package_id int NOT NULL DEFAULT 0,
    name varchar(100) NOT NULL,
    type varchar(20) NOT NULL,
    element varchar(100) NOT NULL,
    changelogurl text DEFAULT NULL,
    folder varchar(100) NOT NULL,
    client_id tinyint NOT NULL,
    enabled tinyint NOT NULL DEFAULT 0,
    access int unsigned NOT NULL DEFAULT 1,
    protected tinyint NOT NULL DEFAULT 0,
    locked tinyint NOT NULL DEFAULT 0,
    manifest_cache text NOT NULL,
    params text NOT NULL,
    custom_data text NOT NULL,
    checked_out int unsigned DEFAULT NULL,
    checked_out_time datetime DEFAULT NULL,
    ordering int DEFAULT 0,
    state int DEFAULT 0,
    note varchar(255) DEFAULT NULL,
    PRIMARY KEY (extension_id),
    KEY idx_element (element, client_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__user_mfa` (
    id int NOT NULL AUTO_INCREMENT,
    user_id int unsigned NOT NULL,
    title varchar(255) NOT NULL DEFAULT '',
    method varchar(100) NOT NULL,
    PRIMARY KEY (id),
    KEY idx_user_id (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__menu` (
    id int NOT NULL AUTO_INCREMENT,
    menutype varchar(24) NOT NULL,
    title varchar(255) NOT NULL,
    alias varchar(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    note varchar(255) NOT NULL DEFAULT '',
    path varchar(1024) NOT NULL,
    link varchar(1024) NOT NULL,
    type varchar(16) NOT NULL,
    published tinyint NOT NULL DEFAULT 0,
    parent_id int unsigned NOT NULL DEFAULT 1,
    level int unsigned NOT NULL DEFAULT 0,
    component_id int unsigned NOT NULL DEFAULT 0,
    checked_out int unsigned DEFAULT NULL,
    checked_out_time datetime DEFAULT NULL,
    access int unsigned NOT NULL DEFAULT 0,
    img varchar(255) NOT NULL DEFAULT '',
    params text NOT NULL,
    home tinyint unsigned NOT NULL DEFAULT 0,
    language char(7) NOT NULL DEFAULT '',
    client_id tinyint NOT NULL DEFAULT 0,
    publish_up datetime DEFAULT NULL,
    publish_down datetime DEFAULT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
