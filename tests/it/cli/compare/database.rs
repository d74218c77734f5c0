//! `--from-database`: users and packages of the site itself, read and nothing else.

use secrecy::ExposeSecret;
use serde_json::Value;

use super::{Run, compare, differences, masked, url};
use crate::cli::write_configuration_php;
use crate::common::fixture::{self, Schema};
use crate::common::site::{Server, Site};

const SCHEMAS: [Schema; 3] = [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite];

/// A configuration file for the site of a server.
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

/// What the tables hold: SQLite's file, or MariaDB's own checksums.
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
        // What is doubtful about the site, such as keys anybody can compute, is for `check` to say.
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
        // The built-in cases have got the values they need.
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
