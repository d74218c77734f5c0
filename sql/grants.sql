-- A database account for jbackend-bridge that can read what it needs and do nothing else: no
-- writing, no other tables, no other columns (no activation tokens, no sessions).
--
-- Before you run this as an administrator of the database server (`mysql < grants.sql`):
--   * replace `joomla` by the name of the site's database ($db in configuration.php),
--   * replace `jos_` by the site's table prefix ($dbprefix),
--   * replace the password, and `localhost` where the bridge runs on another machine,
--   * keep one of the two parts at the end, for the site's Joomla version.
-- Then name the account in the bridge's configuration: `user` and `password` in `[database]`.
-- After an update from Joomla 3 to 4 run the part for the new version.

CREATE USER 'jbackend_bridge'@'localhost' IDENTIFIED BY 'choose-a-password';

-- Accounts: who has this e-mail or user name, is he blocked, is his password right.
GRANT SELECT (id, name, username, email, password, block)
    ON `joomla`.`jos_users` TO 'jbackend_bridge'@'localhost';
-- His user groups, and the tree they stand in.
GRANT SELECT (user_id, group_id)
    ON `joomla`.`jos_user_usergroup_map` TO 'jbackend_bridge'@'localhost';
GRANT SELECT (id, parent_id, lft, rgt)
    ON `joomla`.`jos_usergroups` TO 'jbackend_bridge'@'localhost';
-- Access levels.
GRANT SELECT (id, rules)
    ON `joomla`.`jos_viewlevels` TO 'jbackend_bridge'@'localhost';
-- The plugin's settings, and the site's Joomla version.
GRANT SELECT (extension_id, type, element, folder, enabled, access, params, manifest_cache)
    ON `joomla`.`jos_extensions` TO 'jbackend_bridge'@'localhost';

-- Joomla 3.2 to 4.1: whether an account has a second factor (leave this out on 3.0 and 3.1).
GRANT SELECT (otpKey)
    ON `joomla`.`jos_users` TO 'jbackend_bridge'@'localhost';

-- Joomla 4.2 and later: the same.
GRANT SELECT (user_id)
    ON `joomla`.`jos_user_mfa` TO 'jbackend_bridge'@'localhost';
