//! End-points, API keys and logins.

use mysql_async::prelude::Queryable;
use testkit::mariadb::MariaDb;

use super::super::grants::grant;
use super::{Schema, check, findings, report, sound, write_joomla};

async fn add_item(site: &super::Site, id: u32, path: &str, params: &str) {
    let columns = "menutype, title, alias, path, link, type, published, params, access";
    site.run(&format!(
        "INSERT INTO #__menu (id, {columns}) VALUES ({id}, 'm', 't', '{path}', '{path}', \
         'index.php?option=com_jbackend&view=request', 'component', 1, '{params}', 1)"
    ))
    .await;
}

#[tokio::test]
async fn none_at_all() {
    for schema in [Schema::Joomla3, Schema::Sqlite] {
        let site = sound(schema).await;
        site.run("UPDATE #__menu SET published = 0 WHERE id = 201").await;
        let found = findings(&site, "", &["--offline"], "end-points").await;
        insta::allow_duplicates!(insta::assert_snapshot!(found, @r##"
error: no end-point: the site's menu has no published item of type jBackend that guests may see
  at -
  → publish one in Joomla, or name its path in the configuration: `[[endpoints]]` with `path = "packages"`
notice: `packages` is no end-point: it is not published
  at menu item 201
  → publish it, if it is used
"##));
    }
}

#[tokio::test]
async fn where_an_end_point_comes_from() {
    let site = sound(Schema::Sqlite).await;
    add_item(&site, 300, "other-name", r#"{"aliasoptions":"201"}"#).await;
    site.run("UPDATE #__menu SET type = 'alias', link = 'index.php?Itemid=' WHERE id = 300").await;
    let toml = "[[endpoints]]\npath = '/written/'\n";
    let report = report(&site, &check(&site, toml, &["--offline"]).await);
    let lines = report.lines().map(str::trim_start).filter(|line| line.starts_with("ok       `/"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r##"
ok       `/packages`, menu item 201: public
ok       `/other-name`, a menu item of type alias, with the component's settings: for holders of an API key
ok       `/written`, from `[[endpoints]]`: public
"##);
}

#[tokio::test]
async fn keys_and_traces_that_cannot_be_kept() {
    let site = sound(Schema::Sqlite).await;
    add_item(&site, 300, "traced", r#"{"access_type":"free","enable_trace":"1"}"#).await;
    let traced = findings(&site, "", &["--offline"], "end-points").await;
    add_item(&site, 301, "keyed", r#"{"access_type":"key"}"#).await;
    let keyed = findings(&site, "", &["--offline"], "end-points").await;
    let keys = findings(&site, "", &["--offline"], "api-keys").await;
    insta::assert_snapshot!(format!("{traced}\n---\n{keyed}\n---\n{keys}"), @r##"
warning: no trace rows are kept: a SQLite file is only read
  at `database.read_only`
  → let the bridge write jBackend's own tables, or switch off Trace in the menu item
---
error: requests to `keyed` are answered REQ_AKG: a SQLite file is only read
  at `database.read_only`
  → let the bridge write jBackend's own tables, or leave these end-points with PHP
---
skipped: API keys: a SQLite file has none
  at -
  → -
"##);

    let site = sound(Schema::Joomla5).await;
    add_item(&site, 301, "keyed", r#"{"access_type":"key"}"#).await;
    let read_only = "[database]\nread_only = true\n";
    let found = findings(&site, read_only, &["--offline"], "end-points").await;
    insta::assert_snapshot!(found, @r##"
error: requests to `keyed` are answered REQ_AKG: `read_only` is set
  at `database.read_only`
  → let the bridge write jBackend's own tables, or leave these end-points with PHP
"##);
    site.run("DROP TABLE #__jbackend_logs").await;
    let found = findings(&site, "", &["--offline"], "end-points").await;
    assert!(found.starts_with("error") && found.contains("jbackend_logs"), "{found}");
    site.run("UPDATE #__jbackend_keys SET published = 0").await;
    let found = findings(&site, "", &["--offline"], "api-keys").await;
    insta::assert_snapshot!(found, @r##"
warning: an end-point asks for an API key, and there is none that counts
  at API keys of the component jBackend
  → publish one, or change the end-point's access type
"##);
}

#[tokio::test]
async fn users_whose_sessions_cannot_be_read() {
    let site = sound(Schema::Joomla5).await;
    add_item(&site, 300, "members", r#"{"access_type":"user"}"#).await;
    assert_eq!(findings(&site, "", &["--offline"], "end-points").await, "");
    let redis = "[joomla]\nsession_handler = 'redis'\n";
    let handler = findings(&site, redis, &["--offline"], "end-points").await;
    site.run("DROP TABLE #__session").await;
    let table = findings(&site, "", &["--offline"], "end-points").await;
    insta::assert_snapshot!(format!("{handler}\n---\n{table}"), @r##"
error: requests to `members` are answered REQ_UCA: sessions are kept in `redis`, and only PHP can read them there
  at `session_handler` in configuration.php
  → keep sessions in the database, or leave these end-points with PHP
---
error: the account `bridge` may not read all it has to in the database `DATABASE` at `ADDRESS`: `jos_session` cannot be read
  at -
  → grant SELECT on it, or correct `prefix` in `[database]`
"##);
}

#[tokio::test]
async fn modules_and_urls() {
    let site = sound(Schema::Sqlite).await;
    site.run("DELETE FROM #__menu WHERE id = 201").await;
    let params = r#"{"access_type":"free","enabled_modules":"0","selected_modules":["push"],"force_ssl":"1"}"#;
    add_item(&site, 300, "other", params).await;
    let toml = "[joomla]\nsef = false\n";
    insta::assert_snapshot!(findings(&site, toml, &["--offline"], "end-points").await, @r##"
notice: the site has no search engine friendly URLs: no path leads to an end-point, only `index.php?option=com_jbackend&…` does
  at `joomla.sef`, `$sef` in configuration.php
  → nothing, if all clients use that form; else switch it on in Joomla
notice: `other` does not publish the module `release`, only: push
  at menu item 300
  → nothing, if it is for other modules; PHP must answer for it then
error: no end-point publishes the module `release`: every request is answered REQ_MNF
  at -
  → publish all modules, or the module `release`, in the menu item's options
"##);
}

#[tokio::test]
async fn second_factors_by_version() {
    let site = sound(Schema::Joomla3).await;
    site.run("UPDATE #__extensions SET enabled = 1 WHERE element = 'totp'").await;
    assert_eq!(findings(&site, "", &["--offline"], "logins").await, "");
    site.run("UPDATE #__users SET otpKey = 'x' WHERE id IN (100, 101)").await;
    let old = findings(&site, "", &["--offline"], "logins").await;

    let site = sound(Schema::Joomla5).await;
    site.run(
        "UPDATE #__extensions SET enabled = 1, folder = 'multifactorauth' WHERE element = 'totp'",
    )
    .await;
    site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp'), (100, 'code')").await;
    site.run("UPDATE #__extensions SET enabled = 0 WHERE folder = 'authentication'").await;
    let new = findings(&site, "", &["--offline"], "logins").await;
    let refuse = "[release]\ntwo_factor = 'refuse'\n";
    let refused = findings(&site, refuse, &["--offline"], "logins").await;
    assert!(refused.contains("1 account uses one: keybyauth answers them REL_LIF"), "{refused}");
    insta::assert_snapshot!(format!("{old}\n---\n{new}"), @r##"
notice: second factors are enabled (`totp`), 2 accounts use one: keybyauth answers them REL_LIF
  at `release.two_factor`
  → tell these customers to have their key mailed (keybyemail)
---
warning: Joomla's own login plugin is disabled: no one can log in to the site by password, yet keybyauth accepts the passwords that are stored
  at plugin `joomla` of the type authentication
  → enable it, or leave `keybyauth` with PHP
notice: second factors are enabled (`totp`), 1 account uses one: their password alone gets them a key, since this Joomla asks for the second factor only after the login
  at `release.two_factor`
  → set `two_factor = "refuse"` in `[release]` to refuse them
"##);
}

#[tokio::test]
async fn sessions_that_cannot_be_renewed() {
    let mut site = sound(Schema::Joomla5).await;
    add_item(&site, 300, "members", r#"{"access_type":"user"}"#).await;
    let read_only = "[database]\nread_only = true\n";
    let unwritten = findings(&site, read_only, &["--offline"], "end-points").await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, "renewer").await;
    site.config.database.user = Some("renewer".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    let writer =
        "[database]\nwriter_user = 'renewer_writer'\nwriter_password = 'choose-another-password'\n";
    assert_eq!(findings(&site, writer, &["--offline"], "end-points").await, "");
    let mut admin = MariaDb::shared().admin(None).await;
    let revoke =
        format!("REVOKE UPDATE (time) ON `{database}`.jos_session FROM 'renewer_writer'@'%'");
    admin.query_drop(revoke).await.unwrap();
    admin.disconnect().await.unwrap();
    let denied = findings(&site, writer, &["--offline"], "end-points").await;
    insta::assert_snapshot!(format!("{unwritten}\n---\n{denied}"));
}

#[tokio::test]
async fn params_that_fill_their_column() {
    let site = sound(Schema::Joomla5).await;
    let of = |length: usize, end: &str| {
        let start = r#"{"access_type":"free","note":""#;
        format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()))
    };
    add_item(&site, 300, "short", &of(58_000, "\"}")).await;
    add_item(&site, 301, "long", &of(65_000, "\"}")).await;
    add_item(&site, 302, "broken", &of(65_535, "")).await;
    // A broken text of another length is not a sign of a full column.
    add_item(&site, 303, "odd", &of(50_000, "\"")).await;
    site.run(&format!(
        "UPDATE #__extensions SET params = '{}' WHERE type = 'component' AND element = 'com_jbackend'",
        of(65_533, "")
    ))
    .await;
    let found = findings(&site, "", &["--offline"], "end-points").await;
    let lines =
        found.lines().filter(|line| line.contains("column") || line.contains("and save them"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r##"
warning: the params of `long` nearly fill their column: 65000 of 65,535 bytes
error: the params of `broken` break off: their column is full, with 65535 bytes of the 65,535 that fit; none of them counts, so an API key is asked for
  → run `ALTER TABLE jos_menu MODIFY params MEDIUMTEXT NOT NULL`, and save them in Joomla again
error: the options of the component jBackend break off: their column is full, with 65533 bytes of the 65,535 that fit; none of them counts, so an API key is asked for
  → run `ALTER TABLE jos_extensions MODIFY params MEDIUMTEXT NOT NULL`, and save them in Joomla again
"##);
}

/// `check` reads at most 200 rows.
#[tokio::test]
async fn more_api_keys_than_are_read_are_at_least_so_many() {
    let site = sound(Schema::Joomla5).await;
    add_item(&site, 301, "keyed", r#"{"access_type":"key"}"#).await;
    site.run("DELETE FROM #__jbackend_keys").await;
    for (first, last, told) in [
        (1, 199, "199 API keys are good for"),
        (200, 200, "at least 200 "),
        (201, 230, "at least 200 "),
    ] {
        let row = |id| format!("({id}, 'key{id}', 0, 0, '2999-01-01 00:00:00', 1)");
        let rows: Vec<_> = (first..=last).map(row).collect();
        site.run(&format!(
            "INSERT INTO #__jbackend_keys (id, `key`, user_id, daily_requests, expiration_date, published) \
             VALUES {}",
            rows.join(", ")
        ))
        .await;
        let report = report(&site, &check(&site, "", &["--offline"]).await);
        let mut lines = report.lines().map(str::trim_start);
        let line = lines.find(|line| line.contains("API keys are good")).unwrap_or(&report);
        assert!(line.starts_with(&format!("ok       {told}")), "{last}: {line}");
    }
}
