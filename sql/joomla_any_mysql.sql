-- Tables that are the same in Joomla 3 to 6. `#__` stands for the table prefix.

CREATE TABLE `#__languages` (
    lang_id int unsigned NOT NULL AUTO_INCREMENT,
    lang_code char(7) NOT NULL,
    title varchar(50) NOT NULL,
    sef varchar(50) NOT NULL,
    published int NOT NULL DEFAULT 0,
    PRIMARY KEY (lang_id),
    UNIQUE KEY idx_sef (sef)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE `#__session` (
    session_id varbinary(192) NOT NULL,
    client_id tinyint unsigned DEFAULT NULL,
    guest tinyint unsigned DEFAULT 1,
    time int NOT NULL DEFAULT 0,
    data mediumtext,
    userid int DEFAULT 0,
    username varchar(150) DEFAULT '',
    PRIMARY KEY (session_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
