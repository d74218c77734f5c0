//! End-points, API keys and logins.

use super::{Schema, findings, sound};

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
        insta::allow_duplicates!(insta::assert_snapshot!(found, @""));
    }
}

#[tokio::test]
async fn keys_and_traces_that_cannot_be_kept() {
    let site = sound(Schema::Sqlite).await;
    add_item(&site, 300, "traced", r#"{"access_type":"free","enable_trace":"1"}"#).await;
    let traced = findings(&site, "", &["--offline"], "end-points").await;
    add_item(&site, 301, "keyed", r#"{"access_type":"key"}"#).await;
    let keyed = findings(&site, "", &["--offline"], "end-points").await;
    let keys = findings(&site, "", &["--offline"], "api-keys").await;
    insta::assert_snapshot!(format!("{traced}\n---\n{keyed}\n---\n{keys}"), @"");

    let site = sound(Schema::Joomla5).await;
    add_item(&site, 301, "keyed", r#"{"access_type":"key"}"#).await;
    let read_only = "[database]\nread_only = true\n";
    let found = findings(&site, read_only, &["--offline"], "end-points").await;
    insta::assert_snapshot!(found, @"");
    site.run("DROP TABLE #__jbackend_logs").await;
    let found = findings(&site, "", &["--offline"], "end-points").await;
    assert!(found.starts_with("error") && found.contains("jbackend_logs"), "{found}");
    site.run("UPDATE #__jbackend_keys SET published = 0").await;
    let found = findings(&site, "", &["--offline"], "api-keys").await;
    insta::assert_snapshot!(found, @"");
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
    insta::assert_snapshot!(format!("{handler}\n---\n{table}"), @"");
}

#[tokio::test]
async fn modules_and_urls() {
    let site = sound(Schema::Sqlite).await;
    site.run("DELETE FROM #__menu WHERE id = 201").await;
    let params = r#"{"access_type":"free","enabled_modules":"0","selected_modules":["push"],"force_ssl":"1"}"#;
    add_item(&site, 300, "other", params).await;
    let toml = "[joomla]\nsef = false\n";
    insta::assert_snapshot!(findings(&site, toml, &["--offline"], "end-points").await, @"");
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
    assert!(refused.contains("1 accounts use one: keybyauth answers them REL_LIF"), "{refused}");
    insta::assert_snapshot!(format!("{old}\n---\n{new}"), @"");
}
