//! A database that fails, hangs, or is busy; and the cost of a call.

use std::time::{Duration, Instant};

use jbackend_bridge::store::{Joomla, MySqlSettings, MySqlStore, ServerAddress, StoreError};
use mysql_async::prelude::Queryable;
use testkit::fixture::Schema;
use testkit::mariadb::{Database, MariaDb};

use crate::common::store::StoreSettings as _;

const ALICE: &str = "alice@example.test";

/// Far below the limits of [`patient`], whatever else the machine does.
const AT_ONCE: Duration = Duration::from_secs(30);

/// The limits of [`impatient`], and a margin for a busy machine.
const BOUND: Duration = Duration::from_secs(20);

fn impatient(database: &Database<'_>) -> MySqlSettings {
    MySqlSettings {
        connect_timeout: Duration::from_secs(1),
        query_timeout: Duration::from_secs(1),
        ..database.settings()
    }
}

/// Makes settings with limits that an immediate failure stays far below.
fn patient(database: &Database<'_>) -> MySqlSettings {
    MySqlSettings {
        connect_timeout: Duration::from_mins(2),
        query_timeout: Duration::from_mins(2),
        ..database.settings()
    }
}

async fn finds_alice(store: &MySqlStore) -> bool {
    matches!(store.users_by_email(ALICE).await, Ok(users) if users.len() == 1)
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_at_once_and_healed_by_itself() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(patient(&database)).await.unwrap();
    let all = || async {
        let (a, b, c) = tokio::join!(finds_alice(&store), finds_alice(&store), finds_alice(&store));
        a && b && c
    };
    assert!(all().await);

    for _ in 0..2 {
        server.kill();
        let started = Instant::now();
        let failure = store.users_by_email(ALICE).await.unwrap_err();
        assert!(matches!(failure, StoreError::Unreachable { .. }), "{failure}");
        assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
        assert!(store.site_rows().await.is_err());
        server.start();
        assert!(all().await, "the first call after the restart");
    }
}

#[tokio::test]
async fn a_restart_between_two_calls_goes_unnoticed() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    assert!(finds_alice(&store).await);
    server.kill();
    server.start();
    assert!(finds_alice(&store).await);
    assert!(store.site_rows().await.is_ok());
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_the_limits() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(impatient(&database)).await.unwrap();
    assert!(finds_alice(&store).await);
    server.hang();
    for _ in 0..3 {
        let started = Instant::now();
        let failure = store.users_by_email(ALICE).await.unwrap_err();
        assert!(matches!(failure, StoreError::Timeout { .. }), "{failure}");
        assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    }
    server.go_on();
    assert!(finds_alice(&store).await);
}

#[tokio::test]
async fn connections_killed_while_idle_are_replaced() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    for _ in 0..5 {
        for id in connections(&server, &database).await {
            let mut admin = server.admin(None).await;
            admin.query_drop(format!("KILL {id}")).await.unwrap();
        }
        assert!(finds_alice(&store).await);
    }
}

#[tokio::test]
async fn a_connection_killed_in_the_middle_of_a_call_is_replaced_once() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    assert!(finds_alice(&store).await);
    let mut locker = server.admin(Some(&database.name)).await;
    locker.query_drop("LOCK TABLES jos_users WRITE").await.unwrap();
    let call = store.users_by_email(ALICE);
    let interference = async {
        let busy = busy_connection(&server, &database).await;
        let mut admin = server.admin(None).await;
        admin.query_drop(format!("KILL {busy}")).await.unwrap();
        locker.query_drop("UNLOCK TABLES").await.unwrap();
    };
    let (answer, ()) = tokio::join!(call, interference);
    assert_eq!(answer.unwrap().len(), 1);
}

#[tokio::test]
async fn no_query_outlives_its_limit_on_either_side() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(impatient(&database)).await.unwrap();
    assert!(finds_alice(&store).await);
    let mut locker = server.admin(Some(&database.name)).await;
    locker.query_drop("LOCK TABLES jos_users WRITE").await.unwrap();

    // The first waits in a statement that was prepared before; the others wait while they prepare
    // it.
    let started = Instant::now();
    let (first, second, third, fourth) = tokio::join!(
        store.users_by_email(ALICE),
        store.users_by_username("alice"),
        store.users_by_email(ALICE),
        store.users_by_email(ALICE),
    );
    let failures = [first.err(), second.err(), third.err(), fourth.err()];
    for failure in failures {
        let failure = failure.expect("a locked table gives no answer");
        assert!(matches!(failure, StoreError::Timeout { .. }), "{failure}");
    }
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    let abandoned = tokio::time::timeout(Duration::from_millis(100), store.users_by_email(ALICE));
    assert!(abandoned.await.is_err());

    until_idle(&server, &database).await;
    locker.query_drop("UNLOCK TABLES").await.unwrap();
    assert!(finds_alice(&store).await);
}

#[tokio::test]
async fn a_query_that_works_too_long_is_stopped_by_the_server() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(impatient(&database)).await.unwrap();
    database.run("DROP TABLE #__viewlevels").await;
    database
        .run("CREATE VIEW #__viewlevels AS SELECT id, name AS rules FROM #__users WHERE SLEEP(9) = 2")
        .await;
    let connected = connections(&server, &database).await;
    let started = Instant::now();
    let failure = store.site_rows().await.unwrap_err();
    assert!(matches!(failure, StoreError::Timeout { .. }), "{failure}");
    assert!(started.elapsed() < BOUND, "{:?}", started.elapsed());
    // The server itself has stopped the query: the connection is still usable.
    assert!(finds_alice(&store).await);
    let kept = connections(&server, &database).await;
    assert!(connected.iter().any(|id| kept.contains(id)), "{connected:?}, {kept:?}");

    let abandoned = tokio::time::timeout(Duration::from_millis(300), store.site_rows());
    assert!(abandoned.await.is_err());
    until_idle(&server, &database).await;
}

#[tokio::test]
async fn the_pool_keeps_its_bound_and_everybody_is_served() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    for (wanted, bound) in [(2, 2), (0, 1), (100, 8)] {
        let settings = MySqlSettings { pool_max: wanted, ..database.settings() };
        let store = std::sync::Arc::new(MySqlStore::connect(settings).await.unwrap());
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let store = store.clone();
            calls.spawn(async move { finds_alice(&store).await });
        }
        assert!(calls.join_all().await.into_iter().all(|found| found));
        let open = connections(&server, &database).await.len();
        assert!((1..=bound).contains(&open), "{open} connections of {bound}");
        drop(store);
        let started = Instant::now();
        while !connections(&server, &database).await.is_empty() {
            assert!(started.elapsed() < BOUND, "closing takes too long");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn a_request_is_one_round_trip() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    let settings = MySqlSettings { pool_max: 1, ..database.settings() };
    let store = MySqlStore::connect(settings).await.unwrap();
    let mut admin = server.admin(None).await;
    store.users_by_username("alice").await.unwrap();
    let before = counters(&mut admin).await;
    assert!(finds_alice(&store).await);
    store.users_by_email("o'neil tag@example.test").await.unwrap();
    store.users_by_username("alice").await.unwrap();
    let after = counters(&mut admin).await;
    let grown: Vec<(&str, u64)> = before
        .iter()
        .zip(&after)
        .map(|((name, before), (_, after))| (name.as_str(), after - before))
        .collect();
    // `Questions` also counts the query that reads the counters.
    let expected =
        [("Com_stmt_execute", 3), ("Com_stmt_prepare", 0), ("Connections", 0), ("Questions", 4)];
    assert_eq!(grown, expected);
}

#[tokio::test]
async fn sessions_see_changes_and_cannot_write_whatever_the_server_s_defaults() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla3).await;
    for default in [
        "autocommit = 0",
        "sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,ORACLE'",
        "character_set_server = latin1",
        "tx_isolation = 'REPEATABLE-READ'",
    ] {
        let mut admin = server.admin(None).await;
        admin.query_drop(format!("SET GLOBAL {default}")).await.unwrap();
        admin.query_drop("COMMIT").await.unwrap();
    }
    let mut settings = database.settings();
    settings.address = ServerAddress::Socket(server.socket());
    let store = MySqlStore::connect(settings).await.unwrap();
    let name = async || {
        let users = store.users_by_email("josé@exämple.test").await.unwrap();
        users[0].name.clone()
    };
    assert_eq!(name().await, "Leo");
    let mut admin = server.admin(Some(&database.name)).await;
    admin.query_drop("UPDATE jos_users SET name = 'Léo 😀' WHERE id = 111").await.unwrap();
    admin.query_drop("COMMIT").await.unwrap();
    assert_eq!(name().await, "Léo 😀");
    assert!(store.server().is_mariadb);
    assert!(store.server().to_string().starts_with("MariaDB 1"), "{}", store.server());
}

/// Lists the ids of the bridge's connections: all except those without a database and the one that
/// reads the list.
async fn connections(server: &MariaDb, database: &Database<'_>) -> Vec<String> {
    ask(server, &format!("db = '{}'", database.name)).await
}

async fn busy_connections(server: &MariaDb, database: &Database<'_>) -> Vec<String> {
    ask(server, &format!("db = '{}' AND command <> 'Sleep'", database.name)).await
}

/// Waits until no connection of the bridge is busy: none outlives its limit by much.
async fn until_idle(server: &MariaDb, database: &Database<'_>) {
    let started = Instant::now();
    while !busy_connections(server, database).await.is_empty() {
        assert!(started.elapsed() < BOUND, "a query outlives its limit on the server");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a connection of the bridge is busy.
async fn busy_connection(server: &MariaDb, database: &Database<'_>) -> String {
    for _ in 0..200 {
        if let Some(id) = busy_connections(server, database).await.pop() {
            return id;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no connection is busy");
}

async fn ask(server: &MariaDb, condition: &str) -> Vec<String> {
    let mut admin = server.admin(None).await;
    let sql =
        format!("SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE {condition}");
    admin.query(sql).await.unwrap()
}

async fn counters(admin: &mut mysql_async::Conn) -> Vec<(String, u64)> {
    let sql = "SHOW GLOBAL STATUS WHERE Variable_name IN \
        ('Com_stmt_execute', 'Com_stmt_prepare', 'Connections', 'Questions')";
    admin.query(sql).await.unwrap()
}
