//! API keys on a database that holds back its answers: requests are refused in time, and not
//! counted later.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::api_keys::validate;
use crate::common::site::{Server, Site};

/// An upper bound for changes that come by themselves.
const PATIENCE: Duration = Duration::from_secs(30);

fn impatient(site: &mut Site) {
    site.config.database.connect_timeout = 1;
    site.config.database.query_timeout = 1;
}

async fn await_code(server: &Server, target: &str, code: &str) {
    let started = Instant::now();
    while server.code(target).await != code {
        assert!(started.elapsed() < PATIENCE, "{target} never answers {code}");
    }
}

#[tokio::test]
async fn a_count_that_waits_for_a_row_lock_is_given_up_on_both_sides() {
    let mut site = Site::recorded().await;
    impatient(&mut site);
    let server = site.serve().await;
    let database = server.site.database();
    let mut lock = database.admin().await;
    lock.query_drop("START TRANSACTION").await.unwrap();
    let row = "SELECT hits FROM #__jbackend_keys WHERE `key` = 'goodkey' FOR UPDATE";
    let before: Option<i64> = lock.query_first(fixture::sql(row)).await.unwrap();

    let started = Instant::now();
    assert_eq!(server.code(&validate("apikey", "&api_key=goodkey")).await, "REQ_AKG");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());

    let waiting = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE db = '{}' AND info LIKE 'UPDATE%'",
        database.name
    );
    let mut admin = database.admin().await;
    let started = Instant::now();
    while admin.query_first::<i64, _>(&waiting).await.unwrap() != Some(0) {
        assert!(started.elapsed() < Duration::from_secs(8), "the count still waits");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    lock.query_drop("ROLLBACK").await.unwrap();
    let after: Option<i64> = admin.query_first(fixture::sql(row)).await.unwrap();
    assert_eq!(after, before);
}

/// MariaDB's own time limit covers writing statements. MySQL's does not, so the limit of the lock
/// has to.
#[tokio::test]
async fn a_writing_session_limits_how_long_it_waits_for_row_locks() {
    let server_side = MariaDb::own();
    let database = server_side.database(Schema::Joomla3).await;
    database.run("SET GLOBAL log_output = 'TABLE'").await;
    database.run("SET GLOBAL general_log = 1").await;
    let mut site = Site::on(&database);
    impatient(&mut site);
    let server = site.serve().await;
    assert_eq!(server.code(&validate("apikey", "&api_key=goodkey")).await, "ok");
    let setups = "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
                  WHERE argument LIKE 'SET NAMES%' AND argument NOT LIKE '%read_only%'";
    let mut admin = database.admin().await;
    let setups: Vec<String> = admin.query(setups).await.unwrap();
    assert!(!setups.is_empty());
    for setup in setups {
        assert!(setup.contains("SESSION innodb_lock_wait_timeout = 1,"), "{setup}");
    }
}

/// The component's own URLs need a key: the first request opens the writing connection.
#[tokio::test]
async fn parallel_requests_waited_for_a_silent_server_one_after_the_other() {
    let server_side = MariaDb::own();
    let database = server_side.database(Schema::Joomla5).await;
    database.run("UPDATE #__menu SET published = 0 WHERE id <> 201").await;
    let mut site = Site::on(&database);
    impatient(&mut site);
    let server = site.serve().await;
    let target = "/component/jbackend/post/release/validate/x?api_key=nobodys";
    server_side.hang();
    let started = Instant::now();
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = server.client.clone();
        requests.spawn(async move { client.send("GET", target, &[], b"").await.code() });
    }
    while let Some(code) = requests.join_next().await {
        assert_eq!(code.unwrap(), "REQ_AKG");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    server_side.go_on();
    await_code(&server, target, "REQ_AKI").await;
}
