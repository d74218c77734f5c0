//! `--from-database`: the samples are users and packages of the site itself. Its database is only
//! read.

use mysql_async::prelude::Queryable;
use secrecy::ExposeSecret;
use serde_json::Value;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};

use super::{Run, compare, differences, masked, url};
use crate::cli::write_configuration_php;
use crate::common::site::{Server, Site};

const SCHEMAS: [Schema; 3] = [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite];

/// Writes a configuration file for the site of a server and returns its path.
fn configuration(site: &Site) -> String {
    let file = site.folder.path().join("bridge.toml");
    let root = site.folder.path().display();
    let license = format!("[license]\nrecipe = '{}'\n", fixture::recipe());
    let text = match &site.config.database.url {
        Some(url) => format!(
            "[joomla]\nroot = '{root}'\nsecret = '{}'\n[database]\nurl = '{}'\nprefix = '{}'\n{license}",
            fixture::secret(),
            url.expose_secret(),
            fixture::prefix()
        ),
        None => format!("[joomla]\nroot = '{root}'\n{license}"),
    };
    write_configuration(site);
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

fn write_configuration(site: &Site) {
    if site.config.database.url.is_none() {
        write_configuration_php(site, &[]);
    } else {
        std::fs::write(site.folder.path().join("configuration.php"), "<?php\nclass JConfig {\n}")
            .unwrap();
    }
}

/// Reads the state of the tables: SQLite's file, or MariaDB's own checksums.
async fn state(server: &Server) -> String {
    if server.site.config.database.url.is_some() {
        let bytes = std::fs::read(server.site.folder.path().join("site.db")).unwrap();
        return format!("{bytes:?}");
    }
    let tables =
        ["users", "user_usergroup_map", "extensions", "menu", "jbackend_keys", "jbackend_logs"];
    let tables = tables.map(|table| format!("#__{table}")).join(", ");
    let rows = server.site.rows(&format!("CHECKSUM TABLE {tables} EXTENDED")).await;
    let rows: Vec<_> = rows.into_iter().map(mysql_async::Row::unwrap).collect();
    format!("{rows:?}")
}

async fn sampled(old: &Server, new: &Server, more: &[&str]) -> Run {
    let config = configuration(&old.site);
    let all =
        [&["--config", config.as_str(), "--from-database", "6", "--seed", "7"], more].concat();
    compare(&url(old, "packages"), &url(new, "packages"), &all).await
}

#[tokio::test]
async fn users_and_packages_are_sampled_and_nothing_is_written() {
    for schema in SCHEMAS {
        let old = Site::new(schema).await.serve().await;
        let new = Site::new(schema).await.serve().await;
        let before = state(&old).await;
        let run = sampled(&old, &new, &["--json"]).await;
        masked(&run);
        // Doubts about the site itself, such as guessable keys, are reported by `check`.
        assert_eq!(run.stderr, "", "{schema:?}");
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
        assert_eq!((run.code, differences(&report).as_str()), (Some(0), ""), "{schema:?}");
        assert_eq!(state(&old).await, before, "{schema:?}");
        assert!(old.mails().is_empty() && new.mails().is_empty());

        let cases = report["cases"].as_array().unwrap();
        let samples: Vec<_> = cases
            .iter()
            .filter(|case| case["case"].as_str().unwrap().starts_with("sample: "))
            .map(|case| (case["case"].as_str().unwrap(), case["new"]["answer"].as_str().unwrap()))
            .collect();
        let holders: Vec<_> =
            samples.iter().filter(|(name, _)| name.ends_with("with a license")).collect();
        assert!(holders.len() >= 6, "{samples:?}");
        assert!(holders.iter().all(|(_, code)| ["ok", "file"].contains(code)), "{samples:?}");
        let outsiders: Vec<_> =
            samples.iter().filter(|(name, _)| name.ends_with("without a license")).collect();
        assert!(!outsiders.is_empty(), "{samples:?}");
        assert!(
            outsiders.iter().all(|(_, code)| ["REL_ANA", "REL_UNE"].contains(code)),
            "{samples:?}"
        );
        // The built-in cases have their values.
        let granted = |name: &str| {
            cases.iter().any(|case| case["case"] == name && case["new"]["answer"] == "ok")
        };
        assert!(granted("validate: ok") && granted("verify: ok"), "{:#}", report["left_out"]);
    }
}

#[tokio::test]
async fn a_seed_chooses_the_same_users_again() {
    let old = Site::new(Schema::Sqlite).await.serve().await;
    let new = Site::new(Schema::Sqlite).await.serve().await;
    let first = sampled(&old, &new, &["--dry-run"]).await;
    let second = sampled(&old, &new, &["--dry-run"]).await;
    masked(&first);
    assert_eq!((first.code, &first.stdout), (Some(0), &second.stdout));
    let other = sampled(&old, &new, &["--dry-run", "--seed", "8"]).await;
    assert_eq!(other.code, Some(2), "a flag given twice is a mistake: {}", other.stdout);
}

#[tokio::test]
async fn a_recipe_that_is_not_the_plugins_is_found_by_the_sample() {
    let old = Site::new(Schema::Sqlite).await.serve().await;
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.license.recipe = Some("md5($group . $email . $hash)".into());
    let new = site.serve().await;
    let run = sampled(&old, &new, &["--json"]).await;
    masked(&run);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.code, Some(1));
    let found = differences(&report);
    let samples: Vec<_> = found.lines().filter(|line| line.starts_with("sample: ")).collect();
    assert!(samples.iter().any(|line| line.ends_with("| answer | ok | REL_KNV")), "{samples:#?}");
    assert!(samples.iter().all(|line| line.contains("| REL_")), "{samples:#?}");
}

#[tokio::test]
async fn a_site_that_is_not_named_is_asked_for() {
    let old = Site::new(Schema::Sqlite).await.serve().await;
    let urls = url(&old, "packages");
    let run = compare(&urls, &urls, &["--from-database", "2"]).await;
    assert_eq!(run.code, Some(2));
    insta::assert_snapshot!(run.stderr.trim(), @"error: no site is named: give the Joomla folder with `--joomla-root DIR`, or a configuration file with `--config FILE`");
}

#[tokio::test]
async fn keys_that_both_sides_refuse_are_told() {
    let old = Site::new(Schema::Sqlite).await.serve().await;
    let new = Site::new(Schema::Sqlite).await.serve().await;
    let more = ["--recipe", "md5($group . $email)"];
    let run = sampled(&old, &new, &more).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("Note: both sides refused"), "{}", run.stdout);
    let right = sampled(&old, &new, &[]).await;
    assert!(!right.stdout.contains("both sides refused"), "{}", right.stdout);
}

/// Lists the names of the cases about users of a kind, with the new side's answers.
fn of_kind(report: &Value, kind: &str) -> Vec<(String, String)> {
    let cases = report["cases"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    cases
        .map(|case| (text(&case["case"]), text(&case["new"]["answer"])))
        .filter(|(name, _)| name.starts_with("sample: ") && name.ends_with(kind))
        .collect()
}

#[tokio::test]
async fn one_user_of_each_kind_is_sampled() {
    for schema in SCHEMAS {
        let old = Site::new(schema).await.serve().await;
        let new = Site::new(schema).await.serve().await;
        let run = sampled(&old, &new, &["--json"]).await;
        masked(&run);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(run.code, Some(0), "{schema:?}");
        let one = |kind: &str| {
            let found = of_kind(&report, kind);
            assert_eq!(found.len(), 1, "{kind}: {found:?}");
            found[0].1.clone()
        };
        assert_eq!(one(" who is blocked"), "REL_UNE");
        assert_eq!(one("user 105 in a child of the user groups alone"), "REL_ANA");
        // A user in no user group counts as Public: one package group accepts it, another does not.
        let nobody = of_kind(&report, "user 112 in no user group");
        let codes: Vec<_> = nobody.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(codes, ["ok", "REL_ANA"], "{nobody:?}");
        // Both users' cases have the key of the shared address.
        let both = of_kind(&report, " whose e-mail another one has, too");
        assert!(both.iter().any(|(name, _)| name.contains("user 115")), "{both:?}");
        assert!(both.iter().any(|(name, _)| name.contains("user 116")), "{both:?}");
        assert!(!report["notes"].to_string().contains("no user was found"), "{}", report["notes"]);
    }
}

#[tokio::test]
async fn kinds_that_are_not_there_are_told() {
    let sites = [Site::new(Schema::Joomla5).await, Site::new(Schema::Joomla5).await];
    for site in &sites {
        site.run("DELETE FROM #__users WHERE id IN (105, 112, 115)").await;
        site.run("UPDATE #__users SET block = 0").await;
        // All user groups are below Public, and package groups with Public are left out here.
        site.run("DELETE FROM #__usergroups WHERE id NOT IN (1, 12, 13)").await;
        site.run("UPDATE #__extensions SET params = REPLACE(params, 'pub;1;', 'pub;12;')").await;
    }
    let [old, new] = sites;
    let (old, new) = (old.serve().await, new.serve().await);
    let run = sampled(&old, &new, &["--json"]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let notes = report["notes"].to_string();
    let expected = "no user was found who is blocked; in no user group; whose e-mail another one \
                    has, too; in a child of the user groups alone";
    assert!(notes.contains(expected), "{notes}");
}

/// The only user of a kind is found at any id, and ids may have gaps.
#[tokio::test]
async fn the_only_user_of_a_kind_is_found_among_many() {
    let server = MariaDb::own();
    let (database, other) = many(&server, "").await;
    for one in [&database, &other] {
        for statement in [
            "DELETE FROM #__users WHERE id < 1000",
            "DELETE FROM #__user_usergroup_map WHERE user_id < 1000",
            // This id lies beyond the first range and a gap of two thousand million.
            "UPDATE #__users SET block = 1 WHERE id = 41005",
            "DELETE FROM #__user_usergroup_map WHERE user_id = 41006",
            "UPDATE #__users SET email = 'USER41008@example.test' WHERE id = 41007",
            "UPDATE #__user_usergroup_map SET group_id = 13 WHERE user_id = 41009 AND group_id = 2",
            "UPDATE #__users SET id = 2000041010 WHERE id = 41010",
            "UPDATE #__user_usergroup_map SET user_id = 2000041010, group_id = 12 \
             WHERE user_id = 41010",
        ] {
            one.run(statement).await;
        }
    }
    let (old, new) = (Site::on(&database).serve().await, Site::on(&other).serve().await);
    let run = sampled(&old, &new, &["--json"]).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    for (kind, number) in [
        ("user 41005 who is blocked", 1),
        ("user 41006 in no user group", 2),
        ("user 41007 whose e-mail another one has, too", 1),
        ("user 41008 whose e-mail another one has, too", 1),
        ("user 41009 in a child of the user groups alone", 1),
    ] {
        assert_eq!(of_kind(&report, kind).len(), number, "{kind}: {:#}", report["notes"]);
    }
    // This user is the only member of the user group ReDJ.
    assert!(!of_kind(&report, "user 2000041010 with a license").is_empty());
}

/// Fills two databases with 60,000 more accounts each, all in the user group Registered.
async fn many<'s>(server: &'s MariaDb, settings: &str) -> (Database<'s>, Database<'s>) {
    let databases =
        (server.database(Schema::Joomla5).await, server.database(Schema::Joomla5).await);
    for one in [&databases.0, &databases.1] {
        for statement in [
            "INSERT INTO #__users (id, name, username, email, password, params, registerDate) \
             SELECT seq, 'n', CONCAT('user', seq), CONCAT('user', seq, '@example.test'), 'x', '', \
             '2024-02-29' FROM seq_1000_to_60999",
            "INSERT INTO #__user_usergroup_map (user_id, group_id) SELECT seq, 2 \
             FROM seq_1000_to_60999",
            settings,
        ] {
            if !statement.is_empty() {
                one.run(statement).await;
            }
        }
    }
    databases
}

/// The map has no index by user group. All groups without members together cost one pass through
/// it, in ranges.
#[tokio::test]
async fn groups_without_members_cost_one_look_at_the_map() {
    let server = MariaDb::own();
    let lines: Vec<_> =
        (901..=940).map(|group| format!("empty{group};{group};;Empty\\\\r\\\\n")).collect();
    let lines = lines.concat();
    let settings = format!(
        "UPDATE #__extensions SET params = REPLACE(params, 'redj_ent;12;;', '{lines}redj_ent;12;;') \
         WHERE element = 'release'"
    );
    let (database, _) = many(&server, &settings).await;
    let old = Site::on(&database).serve().await;
    let config = configuration(&old.site);
    let before = read(&database).await;
    let run = compare(
        &url(&old, "packages"),
        &url(&old, "packages"),
        &["--config", &config, "--from-database", "50", "--seed", "7", "--dry-run"],
    )
    .await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("with a license"), "{}", run.stdout);
    let rows = read(&database).await - before;
    // Each question costs one pass through the map or the accounts: members of all groups, no
    // group, a shared e-mail, only a child group. Each account costs one index look-up more. A
    // separate pass for each of 40 groups would read 2,400,000 more rows.
    assert!(rows < 600_000, "{rows} rows read");
}

/// Counts the rows that the server has read so far.
async fn read(database: &Database<'_>) -> u64 {
    let mut admin = database.admin().await;
    let status = "SHOW GLOBAL STATUS LIKE 'Rows_read'";
    let (_, count): (String, u64) = admin.query_first(status).await.unwrap().unwrap();
    count
}
