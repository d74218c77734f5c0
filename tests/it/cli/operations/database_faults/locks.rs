//! Tables that another client has locked, and a server that refuses writes.

use mysql_async::prelude::Queryable;
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::{Pair, count, eventually, validate};

const KEY: &str = "/apikey/post/release/validate/x?api_key=goodkey";
const HITS: &str = "SELECT hits FROM #__jbackend_keys WHERE `key` = 'goodkey'";
const TRACED: &str = "/trace/post/release/verify/redj_com_190";
const ROWS: &str = "SELECT COUNT(*) FROM #__jbackend_logs";

#[tokio::test(flavor = "multi_thread")]
async fn tables_locked_by_somebody_else() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let pair = Pair::start(&mariadb, &database, mariadb.port).await;
    for running in pair.both() {
        assert_eq!(running.code(KEY).await, "REL_GNF");
    }
    let hits = count(&database, HITS).await;
    let mut locker = database.admin().await;
    let lock = "LOCK TABLES #__users WRITE, #__jbackend_keys WRITE, #__jbackend_logs WRITE";
    locker.query_drop(fixture::sql(lock)).await.unwrap();
    assert_eq!(pair.plain.code(&validate()).await, "REL_RGE");
    for running in pair.both() {
        assert_eq!(running.code(KEY).await, "REQ_AKG");
        // No answer waits for jBackend's log.
        assert_eq!(running.code(TRACED).await, "ok");
    }
    pair.with_snapshot.until_snapshot().await;
    assert_eq!(pair.with_snapshot.code(KEY).await, "REQ_AKG");
    locker.query_drop("UNLOCK TABLES").await.unwrap();
    pair.healed(&mariadb).await;
    eventually("the rows of the log", async || count(&database, ROWS).await >= 2).await;
    assert_eq!(count(&database, HITS).await, hits, "a request that was refused is counted");
    for running in pair.both() {
        assert_eq!(running.code(KEY).await, "REL_GNF");
    }
    assert_eq!(count(&database, HITS).await, hits + 2);
    pair.end().await;
}

/// The server is a replica or in maintenance: it reads but does not write.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let pair = Pair::start(&mariadb, &database, mariadb.port).await;
    for running in pair.both() {
        assert_eq!(running.code(KEY).await, "REL_GNF");
    }
    let hits = count(&database, HITS).await;
    let mut admin = mariadb.admin(None).await;
    admin.query_drop("SET GLOBAL read_only = 1").await.unwrap();
    for running in pair.both() {
        for _ in 0..5 {
            assert_eq!(running.code(KEY).await, "REQ_AKG");
            assert_eq!(running.code(TRACED).await, "ok");
        }
        // Requests that only read still succeed.
        let reply = running.service.get(&validate()).await;
        assert_eq!((reply.code().as_str(), reply.header("x-bridge-snapshot")), ("ok", ""));
        running.service.logs("access cannot be checked", 5).await;
    }
    assert_eq!(count(&database, ROWS).await, 0);
    admin.query_drop("SET GLOBAL read_only = 0").await.unwrap();
    eventually("the rows of the log", async || count(&database, ROWS).await == 10).await;
    for running in pair.both() {
        assert_eq!(running.code(KEY).await, "REL_GNF");
    }
    assert_eq!(count(&database, HITS).await, hits + 2);
    pair.healed(&mariadb).await;
    pair.end().await;
}
