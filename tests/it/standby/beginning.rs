//! A start while the database is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use jbackend_bridge::service::App;
use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;

use super::{await_back, file, is_of_snapshot, serve, site, validate};
use crate::common::site::Site;

async fn refusal(site: &Site) -> String {
    App::start(&site.config).await.err().expect("a refusal").to_string()
}

/// The site has an end-point that writes and a standby copy in its file, and its server is gone.
#[tokio::test]
async fn a_young_snapshot_is_enough_to_start_with() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla3).await;
    let site = site(&database);
    let config = site.config.clone();
    let folder = {
        let server = serve(site).await;
        let folder = tempfile::tempdir().unwrap();
        fs::copy(file(&server.site), folder.path().join("snapshot.db")).unwrap();
        folder
    };
    let mut site = Site::on(&database);
    site.config.database = config.database;
    site.config.database.snapshot_file = folder.path().join("snapshot.db");
    let set = |statement: &str| {
        rusqlite::Connection::open(folder.path().join("snapshot.db"))
            .unwrap()
            .execute_batch(statement)
            .unwrap();
    };

    mariadb.kill();
    let unreachable = "cannot reach the database";
    for (change, back) in [
        (
            "UPDATE snapshot SET taken_at = taken_at - 4000",
            "UPDATE snapshot SET taken_at = taken_at + 4000",
        ),
        (
            "UPDATE snapshot SET taken_at = taken_at + 4000",
            "UPDATE snapshot SET taken_at = taken_at - 4000",
        ),
        ("UPDATE snapshot SET site = '!' || site", "UPDATE snapshot SET site = SUBSTR(site, 2)"),
        ("PRAGMA user_version = 99", "PRAGMA user_version = 1"),
    ] {
        set(change);
        let message = refusal(&site).await;
        assert!(message.starts_with(unreachable), "{change}: {message}");
        set(back);
    }
    for (mode, may) in [(0o644, false), (0o620, false), (0o600, true)] {
        let file = folder.path().join("snapshot.db");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(App::start(&site.config).await.is_ok(), may, "{mode:o}");
    }

    let server = site.serve().await;
    let reply = server.get(&validate()).await;
    assert_eq!((reply.code().as_str(), is_of_snapshot(&reply)), ("ok", true), "{}", reply.text());
    assert_eq!(server.code("/apikey/post/release/validate/x?api_key=goodkey").await, "REQ_AKG");
    mariadb.start();
    await_back(&server).await;
    assert_eq!(server.code("/apikey/post/release/validate/x?api_key=goodkey").await, "REL_GNF");
}

/// A wrong password, a wrong name or a missing table is mostly a fault of the configuration: a
/// standby copy must not hide it for an hour.
#[tokio::test]
async fn a_database_that_refuses_keeps_the_service_from_starting() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let server = serve(site(&database)).await;
    let mut site = Site::on(&database);
    site.config.database = server.site.config.database.clone();
    site.config.database.password = Some("another".to_owned().into());
    let message = refusal(&site).await;
    assert!(message.contains("refuses the account"), "{message}");
    site.config.database = server.site.config.database.clone();
    database.run("RENAME TABLE #__viewlevels TO #__gone").await;
    let message = refusal(&site).await;
    assert!(message.contains("there is no table"), "{message}");
}

#[tokio::test]
async fn settings_that_make_no_sense_are_told_at_the_start() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let mut site = site(&database);
    site.config.database.snapshot_every = 7200;
    insta::assert_snapshot!(refusal(&site).await, @"`database.snapshot_every`: a snapshot every 7200 s would be older than `snapshot_max_age`, 3600 s, before the next one is taken: make it shorter");
    site.config.database.snapshot_every = 300;
    site.config.database.snapshot_file = "/".into();
    insta::assert_snapshot!(refusal(&site).await, @"`database.snapshot_file`: `/` names no file: write one like `/var/lib/jbackend-bridge/snapshot.db`");
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.database.snapshot = jbackend_bridge::config::values::StandbyRule::On;
    insta::assert_snapshot!(refusal(&site).await, @"`database.snapshot`: a SQLite database is a file already and cannot be out of reach: set it to `off`");
}
