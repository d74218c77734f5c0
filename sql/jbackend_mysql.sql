-- jBackend's own tables. `#__` stands for the table prefix.

CREATE TABLE `#__jbackend_keys` (
    id int NOT NULL AUTO_INCREMENT,
    `key` varchar(255) NOT NULL DEFAULT '',
    user_id int NOT NULL DEFAULT 0,
    daily_requests int NOT NULL DEFAULT 0,
    expiration_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    comment varchar(255) NOT NULL DEFAULT '',
    hits int NOT NULL DEFAULT 0,
    last_visit datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    current_day datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    current_hits int NOT NULL DEFAULT 0,
    ordering int NOT NULL DEFAULT 0,
    published tinyint NOT NULL DEFAULT 0,
    checked_out int NOT NULL DEFAULT 0,
    checked_out_time datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    PRIMARY KEY (id),
    UNIQUE KEY idx_key (`key`)
) ENGINE = InnoDB DEFAULT CHARSET = utf8 COLLATE = utf8_general_ci;

CREATE TABLE `#__jbackend_logs` (
    id int NOT NULL AUTO_INCREMENT,
    endpoint int NOT NULL DEFAULT 0,
    access_type tinyint NOT NULL DEFAULT 0,
    request_time datetime NOT NULL,
    request_date date NOT NULL,
    error tinyint NOT NULL DEFAULT 0,
    error_code varchar(20) NOT NULL DEFAULT '',
    user_id int NOT NULL DEFAULT 0,
    `key` varchar(255) NOT NULL DEFAULT '',
    action varchar(10) NOT NULL DEFAULT '',
    module varchar(30) NOT NULL DEFAULT '',
    resource varchar(50) NOT NULL DEFAULT '',
    duration float NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8 COLLATE = utf8_general_ci;
