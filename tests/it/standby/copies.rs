//! A copy that fails leaves the former one in place.

use std::fs;
use std::time::Duration;

use testkit::fixture::Schema;
use testkit::mariadb::{Database, MariaDb};

use super::{await_back, eventually, file, is_of_snapshot, serve, site, validate};
use crate::common::log::Log;
use crate::common::site::Server;

/// Starts a site that is copied every second.
async fn often(database: &Database<'_>) -> Server {
    let mut site = site(database);
    site.config.database.snapshot_every = 1;
    serve(site).await
}

fn inode(server: &Server) -> u64 {
    use std::os::unix::fs::MetadataExt;
    file(&server.site).metadata().unwrap().ino()
}

/// Waits for a copy that began after this call.
async fn another_copy(server: &Server) {
    for _ in 0..2 {
        let before = fs::metadata(file(&server.site)).unwrap().modified().unwrap();
        eventually("a copy", || {
            fs::metadata(file(&server.site)).unwrap().modified().unwrap() != before
        })
        .await;
    }
}

/// Losses that make a copy useless, and their repairs. Each is one statement, so that no query sees
/// half of it.
const LOSSES: [(&str, &str, &str); 3] = [
    (
        "accounts",
        "RENAME TABLE #__users TO #__kept, #__empty_users TO #__users",
        "RENAME TABLE #__users TO #__empty_users, #__kept TO #__users",
    ),
    (
        "user groups of accounts",
        "RENAME TABLE #__user_usergroup_map TO #__kept, #__empty_map TO #__user_usergroup_map",
        "RENAME TABLE #__user_usergroup_map TO #__empty_map, #__kept TO #__user_usergroup_map",
    ),
    (
        "row of the release plugin",
        "UPDATE #__extensions SET element = 'gone' WHERE element = 'release'",
        "UPDATE #__extensions SET element = 'release' WHERE element = 'gone'",
    ),
];

#[tokio::test]
async fn an_empty_database_replaces_nothing() {
    let log = Log::keep();
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    database.run("CREATE TABLE #__empty_users LIKE #__users").await;
    database.run("CREATE TABLE #__empty_map LIKE #__user_usergroup_map").await;
    let server = often(&database).await;
    for (nth, (what, lose, mend)) in LOSSES.into_iter().enumerate() {
        another_copy(&server).await;
        database.run(lose).await;
        let warning = format!("the database gave no {what}");
        eventually(&warning, || log.count(&["WARN", &warning]) == 1).await;
        let kept = inode(&server);
        // The next copy comes a second later, and is refused without a message.
        let replaced = eventually("a new snapshot", || inode(&server) != kept);
        let replaced = tokio::time::timeout(Duration::from_millis(1500), replaced).await;
        assert!(replaced.is_err(), "a snapshot without {what} took the place of a good one");
        database.run(mend).await;
        eventually("a new snapshot", || inode(&server) != kept).await;
        let again = ["INFO", "a snapshot of the database could be taken again"];
        eventually("a line", || log.count(&again) == nth + 1).await;
        assert_eq!(
            log.count(&["WARN", "no standby copy of the database"]),
            nth + 1,
            "{}",
            log.text()
        );
    }
}

/// The rest of a copy after a power cut does no harm.
#[tokio::test]
async fn remains_of_an_unfinished_copy_are_replaced() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let site = site(&database);
    let unfinished = site.folder.path().join("snapshot.db.new");
    fs::write(&unfinished, "half of a snapshot").unwrap();
    let server = serve(site).await;
    eventually("the end of the copy", || !unfinished.exists()).await;
    server.stopped().await;
}

/// Another process with the same configuration writes the file too: one of the two is enough.
#[tokio::test]
async fn two_bridges_share_a_file() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let one = often(&database).await;
    let mut site = site(&database);
    site.config.database.snapshot_every = 1;
    site.config.database.snapshot_file = file(&one.site);
    let two = serve(site).await;
    another_copy(&one).await;
    another_copy(&one).await;
    mariadb.kill();
    for server in [&one, &two] {
        let reply = server.get(&validate()).await;
        assert_eq!((reply.code().as_str(), is_of_snapshot(&reply)), ("ok", true));
    }
    mariadb.start();
    await_back(&one).await;
    await_back(&two).await;
}
