-- The sample site of `jbackend-bridge demo`: one customer, one package group, two packages.
-- `#__` stands for the table prefix. Password of user123: pass123.

INSERT INTO `#__usergroups` (id, parent_id, lft, rgt, title) VALUES
    (1, 0, 1, 8, 'Public'),
    (2, 1, 2, 3, 'Registered'),
    (9, 1, 4, 5, 'ReDJ customers'),
    (12, 1, 6, 7, 'ReDJ partners');

INSERT INTO `#__viewlevels` (id, title, rules) VALUES (1, 'Public', '[1]');

INSERT INTO `#__users` (id, name, username, email, password) VALUES
    (123, 'Sample User', 'user123', 'user123@example.com',
     '$2y$10$avb.PXLSyktg5nnxfBm3qOhYiFWZbgJvx2oyE7phTdbJ86LE2yY8K');

INSERT INTO `#__user_usergroup_map` (user_id, group_id) VALUES (123, 2), (123, 9);

INSERT INTO `#__extensions` (extension_id, name, type, element, folder, enabled, access, params, manifest_cache) VALUES
    (700, 'files_joomla', 'file', 'joomla', '', 1, 1, '', '{"version":"5.3.2"}'),
    (10001, 'com_jbackend', 'component', 'com_jbackend', '', 1, 1, '{"default_access_type":"key"}', ''),
    (10002, 'plg_jbackend_release', 'plugin', 'release', 'jbackend', 1, 1,
     '{"folder":"files","groups":"redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise","packages":"redj_com_190;\/public\/joomla\/redj\/ReDJ1.9.0Community_J3.zip\r\nredj_ent_190;\/private\/joomla\/redj\/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise"}', '');

INSERT INTO `#__menu` (id, menutype, title, alias, path, link, type, published, level, component_id, access, params, language) VALUES
    (201, 'mainmenu', 'Packages', 'packages', 'packages',
     'index.php?option=com_jbackend&view=request', 'component', 1, 1, 10001, 1,
     '{"access_type":"free","enable_trace":"0","enable_cors":"0","force_ssl":"0","enabled_modules":"1"}', '*');
