//! The plugin's settings change while the bridge runs, break, or are switched off.

use jbackend_bridge::service::App;
use testkit::client;
use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    DATABASES, GROUPS, PACKAGES, await_code, eventually, expect_codes, post, save_params,
    save_settings,
};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, FREE_FILE, Site};

fn validate(group: &str, key: &str) -> String {
    post("validate", group, &[("email", "alice@example.test"), ("key", key)])
}

#[tokio::test]
async fn changed_settings_are_in_force_without_a_restart() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let requests = [
            (validate("redj_enterprise", ALICE_KEY), "ok"),
            (post("verify", "new_package", &[]), "REL_PNF"),
        ];
        expect_codes(&server, &requests).await;
        let groups = ["redj_enterprise;2;NEWHASH;ReDJ", "other;12"];
        let packages = ["new_package;/public/joomla/redj/ReDJ1.9.0Community_J3.zip"];
        save_settings(&server.site, &groups, &packages).await;
        let new_key = super::key("alice@example.test", "redj_enterprise", "NEWHASH");
        await_code(&server, &post("verify", "new_package", &[]), "ok").await;
        let requests = [
            (validate("redj_enterprise", &new_key), "ok"),
            (validate("redj_enterprise", ALICE_KEY), "REL_KNV"),
            (validate("redj_ent", ALICE_KEY), "REL_GNF"),
            (post("keybyemail", "redj_enterprise", &[("email", "bob@example.test")]), "ok"),
            (post("verify", "small", &[]), "REL_PNF"),
        ];
        expect_codes(&server, &requests).await;
        let file = server.get("/packages/get/release/download/new_package").await;
        assert_eq!(file.body, FREE_FILE);
    }
}

#[tokio::test]
async fn another_folder_is_in_force_without_a_restart() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let other = server.site.folder.path().join("other");
    std::fs::create_dir_all(other.join("public")).unwrap();
    std::fs::write(other.join("public/gone.zip"), "found").unwrap();
    let download = "/packages/get/release/download/gone";
    assert_eq!(server.code(download).await, "REL_FNF");
    let params = serde_json::json!({
        "folder": other, "groups": "", "packages": "gone;public/gone.zip\nmark;x"
    });
    save_params(&server.site, &params.to_string()).await;
    await_code(&server, &post("verify", "mark", &[]), "ok").await;
    assert_eq!(server.get(download).await.body, b"found");
}

#[tokio::test]
async fn settings_that_cannot_be_read_leave_the_last_good_ones() {
    let log = Log::keep();
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let good =
        [(validate("redj_enterprise", ALICE_KEY), "ok"), (post("verify", "small", &[]), "ok")];
    for (broken, reason) in [
        (r#"{"folder":"files","groups":"#, "no valid JSON"),
        (r#"{"folder":"files","packages":"small;x"}"#, "no setting for"),
    ] {
        save_params(&server.site, broken).await;
        eventually("the broken settings were seen", || log.count(&[reason]) == 1).await;
        expect_codes(&server, &good).await;
    }
    server.site.run("DELETE FROM #__extensions WHERE element = 'release'").await;
    eventually("the missing plugin was seen", || log.count(&["is not in `jos_extensions`"]) == 1)
        .await;
    expect_codes(&server, &good).await;
    assert_eq!(log.count(&["the last good ones stay in force"]), 3, "{}", log.text());
}

#[tokio::test]
async fn a_bad_line_never_disables_the_good_ones() {
    let log = Log::keep();
    let site = Site::new(Schema::Joomla5).await;
    let mut groups = vec![";12;nobody", "redj_enterprise_bad;x"];
    groups.extend(GROUPS);
    let mut packages = vec!["nopath", ";/public/x.zip", "", "free;/private/free.zip"];
    packages.extend(PACKAGES);
    // A second line must not make a paid package free.
    packages.push("redj_ent_190;/public/joomla/redj/small.zip");
    save_settings(&site, &groups, &packages).await;
    let server = site.serve().await;
    let requests = [
        (validate("redj_enterprise", ALICE_KEY), "ok"),
        (post("verify", "small", &[]), "ok"),
        (post("verify", "nopath", &[]), "REL_PNF"),
        (post("verify", "redj_ent_190", &[]), "REL_ENS"),
    ];
    expect_codes(&server, &requests).await;
    for line in ["line=1", "line=2", "line=9"] {
        assert!(log.count(&[line]) > 0, "{line} is not reported:\n{}", log.text());
    }
}

/// The three wait for refreshes at the same time.
#[tokio::test]
async fn a_disabled_plugin_stops_the_bridge_only_where_the_operator_wants_it() {
    tokio::join!(
        plugin_states(Schema::Joomla3, true),
        plugin_states(Schema::Sqlite, true),
        plugin_states(Schema::Sqlite, false),
    );
}

async fn plugin_states(schema: Schema, require_enabled: bool) {
    let mut site = Site::new(schema).await;
    site.config.release.require_enabled = require_enabled;
    let server = site.serve().await;
    let verify = post("verify", "small", &[]);
    let marked = |mark: &str| post("verify", mark, &[]);
    assert_eq!(server.code(&verify).await, "ok");
    // The columns, the package that shows that they were read, and whether guests see the
    // plugin.
    let states = [
        ("enabled = 0, access = 1", "m1", false),
        ("enabled = 1, access = 2", "m2", false),
        ("enabled = 1, access = 5", "m3", true),
        ("enabled = 1, access = 99", "m4", false),
        ("enabled = 1, access = 1", "m5", true),
    ];
    for (columns, mark, visible) in states {
        let mark_line = format!("{mark};x");
        let mut packages = PACKAGES.to_vec();
        packages.push(&mark_line);
        save_settings(&server.site, GROUPS, &packages).await;
        let change = format!("UPDATE #__extensions SET {columns} WHERE element = 'release'");
        server.site.run(&change).await;
        let code = if visible || !require_enabled { "ok" } else { "REQ_MNF" };
        await_code(&server, &marked(mark), code).await;
        // The columns may come one refresh after the mark.
        await_code(&server, &verify, code).await;
    }
}

#[tokio::test]
async fn a_plugin_hidden_at_the_start_is_not_there_either() {
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.release.require_enabled = true;
    site.run("UPDATE #__extensions SET enabled = 0 WHERE element = 'release'").await;
    let server = site.serve().await;
    let requests = [
        (post("verify", "small", &[]), "REQ_MNF"),
        ("/packages/get/release/download/small".to_owned(), "REQ_MNF"),
    ];
    expect_codes(&server, &requests).await;
}

#[tokio::test]
async fn without_a_plugin_row_the_start_says_what_to_do() {
    for schema in DATABASES {
        let site = Site::new(schema).await;
        site.run("DELETE FROM #__extensions WHERE element = 'release'").await;
        let error = App::start(&site.config).await.err().unwrap().to_string();
        assert!(error.contains("check the table prefix, or put `folder`"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_package_folder_is_reported_and_found_when_it_comes() {
    let log = Log::keep();
    let site = Site::new(Schema::Sqlite).await;
    let away = site.folder.path().join("away");
    std::fs::rename(site.packages(), &away).unwrap();
    let server = site.serve().await;
    assert_eq!(server.code("/packages/get/release/download/small").await, "REL_FNF");
    assert!(log.count(&["cannot be opened: correct the plugin's folder setting"]) > 0);
    std::fs::rename(&away, server.site.packages()).unwrap();
    assert_eq!(server.get("/packages/get/release/download/small").await.body, b"PK small");
}

/// A view of the site from before the body would keep settings in force that were withdrawn long
/// ago.
#[tokio::test]
async fn regression_a_slow_body_was_judged_by_the_settings_before_it() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let form = format!("email=alice@example.test&key={ALICE_KEY}");
    let mut stream = server.client.connect().await;
    let head = format!(
        "POST /packages/post/release/validate/redj_enterprise HTTP/1.1\r\nHost: bridge\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n",
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The bridge sends this when it reads the body, so it has found the end-point by then.
    let mut goes_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut goes_on).await.unwrap();
    assert!(goes_on.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&goes_on));

    save_settings(&server.site, &["redj_enterprise;2;NEWHASH;ReDJ"], PACKAGES).await;
    await_code(&server, &validate("redj_enterprise", ALICE_KEY), "REL_KNV").await;
    stream.write_all(form.as_bytes()).await.unwrap();
    assert_eq!(client::read(&mut stream).await.code(), "REL_KNV");
}
