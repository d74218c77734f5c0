-- Database accounts for jbackend-bridge that can do what it needs and nothing else.
--
-- The first only reads, and only these columns: no activation tokens, no session data. The second
-- counts API keys, writes trace rows and renews the sessions of logged-in visitors; a site whose
-- end-points do none of these needs none (set `read_only = true` in `[database]`).
--
-- Before you run this as an administrator of the database server (`mysql < grants.sql`):
--   * replace `joomla` by the name of the site's database ($db in configuration.php),
--   * replace `jos_` by the site's table prefix ($dbprefix),
--   * replace the password, and `localhost` where the bridge runs on another machine,
--   * keep those parts at the end that are for the site's Joomla version.
-- Then name the accounts in the bridge's configuration: `user` and `password`, `writer_user` and
-- `writer_password` in `[database]`.
-- After an update from Joomla 3 to 4 run the parts for the new version.

CREATE USER 'jbackend_bridge'@'localhost' IDENTIFIED BY 'choose-a-password';

-- Accounts: who has this e-mail or user name, is he blocked, is his password right.
GRANT SELECT (id, name, username, email, password, block)
    ON `joomla`.`jos_users` TO 'jbackend_bridge'@'localhost';
-- His user groups, and the tree they stand in. `title` is for the command `explain` alone, which
-- without it names the groups by their ids.
GRANT SELECT (user_id, group_id)
    ON `joomla`.`jos_user_usergroup_map` TO 'jbackend_bridge'@'localhost';
GRANT SELECT (id, parent_id, lft, rgt, title)
    ON `joomla`.`jos_usergroups` TO 'jbackend_bridge'@'localhost';
-- Access levels.
GRANT SELECT (id, rules)
    ON `joomla`.`jos_viewlevels` TO 'jbackend_bridge'@'localhost';
-- The plugin's settings, and the site's Joomla version.
GRANT SELECT (extension_id, type, element, folder, enabled, access, params, manifest_cache)
    ON `joomla`.`jos_extensions` TO 'jbackend_bridge'@'localhost';
-- End-points: the menu, and the URL prefixes of a multilingual site.
GRANT SELECT (id, path, link, type, access, params, home, language, client_id, published)
    ON `joomla`.`jos_menu` TO 'jbackend_bridge'@'localhost';
GRANT SELECT (sef, lang_code, published)
    ON `joomla`.`jos_languages` TO 'jbackend_bridge'@'localhost';
-- Visitors logged in to Joomla, for end-points of the access type `user`.
GRANT SELECT (session_id, client_id, guest, userid, time)
    ON `joomla`.`jos_session` TO 'jbackend_bridge'@'localhost';

CREATE USER 'jbackend_writer'@'localhost' IDENTIFIED BY 'choose-another-password';

-- API keys: judged, and counted.
GRANT SELECT (`key`, published, expiration_date, daily_requests, hits, current_day, current_hits),
    UPDATE (hits, last_visit, current_day, current_hits)
    ON `joomla`.`jos_jbackend_keys` TO 'jbackend_writer'@'localhost';
-- Trace rows: added, never read.
GRANT INSERT (endpoint, access_type, request_time, request_date, error, error_code, user_id, `key`,
        action, module, resource, duration)
    ON `joomla`.`jos_jbackend_logs` TO 'jbackend_writer'@'localhost';

-- Sessions of logged-in visitors, for end-points of the access type `user`: written forward when they
-- are used, so that a visitor who only uses the bridge stays logged in. Leave this out, and they are
-- logged out as soon as their session's lifetime is over.
GRANT SELECT (session_id, guest, userid, time), UPDATE (time)
    ON `joomla`.`jos_session` TO 'jbackend_writer'@'localhost';

-- Joomla 3.2 to 4.1: whether an account has a second factor (leave this out on 3.0 and 3.1).
GRANT SELECT (otpKey)
    ON `joomla`.`jos_users` TO 'jbackend_bridge'@'localhost';

-- Joomla 4.0 and later: the dates of menu items.
GRANT SELECT (publish_up, publish_down)
    ON `joomla`.`jos_menu` TO 'jbackend_bridge'@'localhost';

-- Joomla 4.2 and later: whether an account has a second factor.
GRANT SELECT (user_id)
    ON `joomla`.`jos_user_mfa` TO 'jbackend_bridge'@'localhost';
