//! The rows of the settings, on every kind of database.

use jbackend_bridge::store::{JoomlaVersion, TablePrefix};
use proptest::prelude::*;

use super::{Schema, sites};

const PLUGIN: &str = "folder = 'jbackend' AND element = 'release'";

#[tokio::test]
async fn the_fixture_is_read_as_it_stands() {
    for site in sites().await {
        let rows = site.store.site_rows().await.unwrap();
        let [plugin] = rows.release_plugins.as_slice() else {
            panic!("{rows:?}");
        };
        assert!(plugin.enabled && plugin.access == 1);
        assert!(plugin.params.contains(r"redj_enterprise;11,12;HASH123KEY456;ReDJ Enterprise\r\n"));
        assert!(!format!("{rows:?}").contains("HASH123KEY456"), "seeds are secret");
        let component = rows.component.as_ref().unwrap();
        assert!(component.params.contains("default_access_type"));
        assert_eq!(rows.groups.len(), 13);
        let child = rows.groups.iter().find(|group| group.id == 13).unwrap();
        assert_eq!((child.parent_id, child.lft, child.rgt), (12, 23, 24));
        assert_eq!(rows.view_levels.len(), 5);
        assert_eq!(rows.view_levels[1].groups, [6, 2, 8]);
        assert_eq!(rows.guest_group, 9);
        let plugins: Vec<_> =
            rows.login_plugins.iter().map(|p| (&*p.folder, &*p.element)).collect();
        assert_eq!(plugins, [("authentication", "joomla")]);
        let expected = match site.schema {
            Schema::Joomla3 => JoomlaVersion { major: 3, minor: 10 },
            Schema::Joomla5 | Schema::Sqlite => JoomlaVersion { major: 5, minor: 3 },
        };
        assert_eq!(rows.version, Some(expected));
        assert_eq!(site.store.site_rows().await.unwrap(), rows, "nothing changed");
        site.store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn several_plugin_rows_the_enabled_one_first() {
    for site in sites().await {
        let copy = match site.schema {
            Schema::Joomla3 => ", custom_data, system_data",
            Schema::Joomla5 => ", custom_data",
            Schema::Sqlite => "",
        };
        let columns = format!(
            "name, type, element, folder, client_id, enabled, access, manifest_cache{copy}"
        );
        for params in ["second", "third"] {
            site.run(&format!(
                "INSERT INTO #__extensions (params, {columns}) \
                 SELECT '{params}', {columns} FROM #__extensions WHERE {PLUGIN} LIMIT 1"
            ))
            .await;
        }
        site.run(&format!(
            "UPDATE #__extensions SET enabled = 0, access = 2 WHERE {PLUGIN} AND params <> 'third'"
        ))
        .await;
        let rows = site.store.site_rows().await.unwrap();
        let params: Vec<_> = rows.release_plugins.iter().map(|row| &*row.params).collect();
        assert_eq!((params[0], params[2]), ("third", "second"));
        let enabled: Vec<_> = rows.release_plugins.iter().map(|row| row.enabled).collect();
        assert_eq!(enabled, [true, false, false]);
        assert_eq!(rows.release_plugins[2].access, 2);

        site.run(&format!("DELETE FROM #__extensions WHERE {PLUGIN}")).await;
        let rows = site.store.site_rows().await.unwrap();
        assert!(rows.release_plugins.is_empty());
    }
}

#[tokio::test]
async fn without_a_manifest_the_tables_tell_the_version() {
    for mut site in sites().await {
        for broken in ["''", "'{'", "'{\"version\":5}'", "'{\"version\":\"new\"}'"] {
            site.run(&format!(
                "UPDATE #__extensions SET manifest_cache = {broken} WHERE type = 'file'"
            ))
            .await;
            // If the version changes, the store reads the tables again.
            site.store.site_rows().await.unwrap();
            let rows = site.store.site_rows().await.unwrap();
            let expected = match site.schema {
                Schema::Joomla3 => JoomlaVersion { major: 3, minor: 0 },
                Schema::Joomla5 | Schema::Sqlite => JoomlaVersion { major: 4, minor: 2 },
            };
            assert_eq!(rows.version, Some(expected), "{broken}");
        }
        match site.schema {
            Schema::Joomla3 => site.run("ALTER TABLE #__extensions DROP COLUMN system_data").await,
            Schema::Joomla5 | Schema::Sqlite => site.run("DROP TABLE #__user_mfa").await,
        }
        site.reopen().await;
        let rows = site.store.site_rows().await.unwrap();
        let expected = match site.schema {
            Schema::Joomla3 => None,
            Schema::Joomla5 | Schema::Sqlite => Some(JoomlaVersion { major: 4, minor: 0 }),
        };
        assert_eq!(rows.version, expected);
    }
}

#[tokio::test]
async fn an_update_of_joomla_is_noticed_while_we_run() {
    let site = super::Site::new(Schema::Joomla3).await;
    site.store.site_rows().await.unwrap();
    assert_eq!(site.by_email("alice@example.test").await, [100]);
    site.run("ALTER TABLE #__users ADD COLUMN newest int NOT NULL DEFAULT 0 FIRST").await;
    site.run("ALTER TABLE #__extensions DROP COLUMN system_data").await;
    assert_eq!(site.by_email("alice@example.test").await, [100]);
    site.run("CREATE TABLE #__user_mfa (user_id int unsigned, method varchar(9))").await;
    site.run("INSERT INTO #__user_mfa VALUES (100, 'totp')").await;
    site.run(
        r#"UPDATE #__extensions SET manifest_cache = '{"version":"4.4.0"}' WHERE type = 'file'"#,
    )
    .await;
    let rows = site.store.site_rows().await.unwrap();
    assert_eq!(rows.version, Some(JoomlaVersion { major: 4, minor: 4 }));
    let accounts = site.store.users_by_username("alice").await.unwrap();
    let expected = jbackend_bridge::store::TwoFactor::AfterLogin;
    assert_eq!(accounts[0].two_factor, expected);
}

#[tokio::test]
async fn what_guests_may_see() {
    for site in sites().await {
        let rows = site.store.site_rows().await.unwrap();
        let visible: Vec<u32> = (0..8).filter(|level| rows.guest_can_see(*level)).collect();
        assert_eq!(visible, [1, 5], "the public level, and the one of the guests' group 9");

        let guests = r#"'{"guest_usergroup":13}'"#;
        site.run(&format!(
            "UPDATE #__extensions SET params = {guests} WHERE element = 'com_users'"
        ))
        .await;
        site.run("UPDATE #__viewlevels SET rules = '[12]' WHERE id = 3").await;
        site.run("UPDATE #__viewlevels SET rules = '[\"8\",\"1\",-100]' WHERE id = 6").await;
        let rows = site.store.site_rows().await.unwrap();
        assert_eq!(rows.guest_group, 13);
        let visible: Vec<u32> = (0..8).filter(|level| rows.guest_can_see(*level)).collect();
        assert_eq!(visible, [1, 3, 6], "12 stands above 13");

        for params in ["''", "'{}'", "'{'", "'{\"guest_usergroup\":\"\"}'", "'[]'"] {
            site.run(&format!(
                "UPDATE #__extensions SET params = {params} WHERE element = 'com_users'"
            ))
            .await;
            assert_eq!(site.store.site_rows().await.unwrap().guest_group, 1, "{params}");
        }
    }
}

#[tokio::test]
async fn damaged_trees_and_rules_end() {
    for site in sites().await {
        site.run("UPDATE #__usergroups SET parent_id = 13 WHERE id = 12").await;
        site.run("UPDATE #__usergroups SET parent_id = 3 WHERE id = 3").await;
        for rules in ["''", "'x'", "'{\"a\":1}'", "'[99999999999,-1,null,[8]]'"] {
            site.run(&format!("UPDATE #__viewlevels SET rules = {rules} WHERE id = 3")).await;
            let rows = site.store.site_rows().await.unwrap();
            assert!(rows.view_levels.iter().any(|level| level.id == 3 && level.groups.is_empty()));
        }
        let rows = site.store.site_rows().await.unwrap();
        assert_eq!(Vec::from_iter(rows.with_ancestors(13)), [12, 13]);
        assert_eq!(Vec::from_iter(rows.with_ancestors(3)), [3]);
        assert_eq!(Vec::from_iter(rows.with_ancestors(4)), [3, 4]);
        assert_eq!(Vec::from_iter(rows.with_ancestors(5)), [3, 4, 5]);
        assert_eq!(Vec::from_iter(rows.with_ancestors(7)), [1, 6, 7]);
        assert_eq!(Vec::from_iter(rows.with_ancestors(777)), [777]);
    }
}

#[tokio::test]
async fn nulls_in_the_settings_rows_break_nothing() {
    for mut site in sites().await {
        for table in ["extensions", "usergroups", "viewlevels"] {
            site.run(&format!("DROP TABLE #__{table}")).await;
        }
        site.run(
            "CREATE TABLE #__extensions (extension_id INTEGER, type varchar(20), \
             element varchar(100), folder varchar(100), enabled INTEGER, access INTEGER, \
             params text, manifest_cache text)",
        )
        .await;
        site.run(
            "CREATE TABLE #__usergroups (id INTEGER, parent_id INTEGER, lft INTEGER, rgt INTEGER)",
        )
        .await;
        site.run("CREATE TABLE #__viewlevels (id INTEGER, rules text)").await;
        for values in [
            "(NULL, 'plugin', 'release', 'jbackend', 1, 1, '{}', '')",
            "(2, 'plugin', 'release', 'jbackend', NULL, NULL, NULL, NULL)",
            "(3, 'component', 'com_jbackend', NULL, NULL, NULL, NULL, NULL)",
            "(4, 'component', 'com_users', NULL, NULL, NULL, NULL, NULL)",
            "(5, 'file', 'joomla', NULL, NULL, NULL, NULL, NULL)",
            "(6, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        ] {
            site.run(&format!("INSERT INTO #__extensions VALUES {values}")).await;
        }
        site.run("INSERT INTO #__usergroups VALUES (NULL, 1, 1, 1)").await;
        site.run("INSERT INTO #__usergroups VALUES (8, NULL, NULL, NULL)").await;
        site.run("INSERT INTO #__viewlevels VALUES (NULL, '[1]')").await;
        site.run("INSERT INTO #__viewlevels VALUES (8, NULL)").await;
        site.reopen().await;

        let rows = site.store.site_rows().await.unwrap();
        let [plugin] = rows.release_plugins.as_slice() else {
            panic!("{rows:?}");
        };
        assert_eq!((plugin.id, plugin.enabled, plugin.access, &*plugin.params), (2, false, 0, ""));
        assert_eq!(rows.component.unwrap().id, 3);
        assert_eq!(rows.guest_group, 1);
        assert_eq!((rows.groups.len(), rows.groups[0].parent_id), (1, 0));
        assert_eq!((rows.view_levels.len(), rows.view_levels[0].groups.len()), (1, 0));
    }
}

#[test]
fn versions_as_joomla_writes_them() {
    for (text, major, minor) in [
        ("3.10.11", 3, 10),
        ("5.3.2", 5, 3),
        ("4.2.0-beta1", 4, 2),
        ("6.0-rc1", 6, 0),
        (" 5 ", 5, 0),
    ] {
        assert_eq!(text.parse(), Ok(JoomlaVersion { major, minor }), "{text}");
    }
    for text in ["", "x", ".3", "5.", "5.x", "v5", "-1.2", "99999.1", "5.99999"] {
        assert!(text.parse::<JoomlaVersion>().is_err(), "{text}");
    }
    let version = |text: &str| text.parse::<JoomlaVersion>().unwrap();
    assert!(version("3.10") < version("4.2") && version("4.2") > version("4.1.9"));
}

proptest! {
    #[test]
    fn a_prefix_is_safe_to_splice_or_refused(text in "\\PC{0,60}") {
        if let Ok(prefix) = text.parse::<TablePrefix>() {
            prop_assert_eq!(prefix.as_str(), &text);
            prop_assert!(text.len() <= 46);
            prop_assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        }
    }

    #[test]
    fn prefixes_of_sites_are_accepted(text in "[A-Za-z0-9_]{0,46}") {
        prop_assert!(text.parse::<TablePrefix>().is_ok());
    }
}

#[test]
fn a_wrong_prefix_is_refused_in_words() {
    for text in ["jos-", "jos`", "a b", "é_", "a.b", "jos_\n", "a;b"] {
        assert!(text.parse::<TablePrefix>().is_err(), "{text}");
    }
    insta::assert_snapshot!("jos`; --".parse::<TablePrefix>().unwrap_err(), @"the table prefix `jos`; --` is not valid: use at most 46 ASCII letters, digits and `_`, as in `$dbprefix` of the site's configuration.php");
}
