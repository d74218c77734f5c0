//! Copies that fail leave the one there is.

use std::fs;
use std::time::Duration;

use super::{await_back, eventually, file, is_of_snapshot, serve, site, validate};
use crate::common::fixture::Schema;
use crate::common::log::Log;
use crate::common::mariadb::{Database, MariaDb};
use crate::common::site::Server;

/// A site that is copied every second.
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

#[tokio::test]
async fn an_empty_database_replaces_nothing() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    for (what, empty, refill) in [
        ("accounts", "RENAME TABLE #__users TO #__kept", "DROP TABLE #__users"),
        ("row of the release plugin", "", ""),
        ("user groups of accounts", "RENAME TABLE #__user_usergroup_map TO #__kept", "DROP TABLE #__user_usergroup_map"),
    ] {
        let log = Log::keep();
        let server = often(&database).await;
        another_copy(&server).await;
        if empty.is_empty() {
            database.run("UPDATE #__extensions SET element = 'gone' WHERE element = 'release'").await;
        } else {
            let table = empty.split(' ').nth(2).unwrap();
            // At once, or a look at the database meets none.
            database.run(&format!("CREATE TABLE #__empty LIKE {table}")).await;
            database.run(&format!("{empty}, #__empty TO {table}")).await;
        }
        eventually("a warning", || log.count(&["WARN", &format!("gave no {what}")]) == 1).await;
        let kept = inode(&server);
        tokio::time::timeout(Duration::from_millis(2500), async {
            eventually("nothing", || inode(&server) != kept).await;
        })
        .await
        .expect_err("an empty snapshot took its place");
        assert_eq!(log.count(&["WARN", "no snapshot of the database could be taken"]), 1);
        if empty.is_empty() {
            database.run("UPDATE #__extensions SET element = 'release' WHERE element = 'gone'").await;
        } else {
            database.run(refill).await;
            database.run(&empty.replace("RENAME TABLE", "RENAME TABLE #__kept TO").replace(" TO #__kept", "").replace("TO #", "TO #")).await;
        }
        eventually("another snapshot", || inode(&server) != kept).await;
        assert_eq!(log.count(&["INFO", "a snapshot of the database could be taken again"]), 1);
        server.stopped().await;
    }
}

/// What a power cut left is in nobody's way.
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

/// Another process of the same configuration writes: one of the two is enough.
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
