//! Which events count as a failure of the database.

use std::sync::Arc;
use std::time::Duration;

use jbackend_bridge::store::standby::{
    CopySource, Failover, OpenDatabase, OpenedDatabase, StandbySettings,
};
use jbackend_bridge::store::{MySqlSettings, MySqlStore};
use mysql_async::prelude::Queryable;
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::{await_answer, await_back, eventually, is_of_snapshot, serve, site, validate};
use crate::common::log::Log;
use crate::common::store::StoreSettings as _;
use jbackend_bridge::supervise::Tasks;

/// Slow answers are refused as before; lasting silence is a failure.
#[tokio::test]
async fn a_server_that_hangs_is_stood_in_for_after_a_while() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let server = serve(site(&database)).await;
    assert_eq!(server.code(&validate()).await, "ok");
    mariadb.hang();
    let first = server.get(&validate()).await;
    assert_eq!((first.code().as_str(), is_of_snapshot(&first)), ("REL_RGE", false));
    let reply = await_answer(&server, &validate(), "of the snapshot", is_of_snapshot).await;
    assert_eq!(reply.code(), "ok");
    mariadb.go_on();
    await_back(&server).await;
}

/// One slow query, or a table locked for a moment, is not a failure.
#[tokio::test]
async fn a_locked_table_is_a_failure_only_when_it_stays_locked() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let log = Log::keep();
    let server = serve(site(&database)).await;
    assert_eq!(server.code(&validate()).await, "ok");
    let mut locker = database.admin().await;
    locker.query_drop(fixture::sql("LOCK TABLES #__users WRITE")).await.unwrap();
    let first = server.get(&validate()).await;
    assert_eq!((first.code().as_str(), is_of_snapshot(&first)), ("REL_RGE", false));
    locker.query_drop("UNLOCK TABLES").await.unwrap();
    await_back(&server).await;
    assert_eq!(log.count(&["the database has failed"]), 0, "{}", log.text());

    locker.query_drop(fixture::sql("LOCK TABLES #__users WRITE")).await.unwrap();
    let reply = await_answer(&server, &validate(), "of the snapshot", is_of_snapshot).await;
    assert_eq!(reply.code(), "ok");
    locker.query_drop("UNLOCK TABLES").await.unwrap();
    await_back(&server).await;
}

/// While the database works, a request costs as much as without a standby copy.
#[tokio::test]
async fn a_request_is_one_round_trip_as_ever() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let folder = tempfile::tempdir().unwrap();
    let live = MySqlSettings { pool_max: 1, ..database.settings() };
    let settings = StandbySettings {
        file: folder.path().join("snapshot.db"),
        every: Duration::from_hours(1),
        max_age: Duration::from_hours(1),
        passwords: false,
        site: "site".to_owned(),
        prefix: live.prefix.clone(),
        limit: live.query_timeout,
    };
    let open: OpenDatabase = Box::new(move || {
        let live = live.clone();
        Box::pin(async move {
            let store = MySqlStore::connect(live).await?;
            Ok(Arc::new(store) as Arc<dyn CopySource>)
        })
    });
    let OpenedDatabase { store, watcher, .. } = Failover::open(settings, open, true).await.unwrap();
    let watching = tokio::spawn(async move { watcher.run(&Tasks::default(), |_| ()).await });
    eventually("a snapshot", || folder.path().join("snapshot.db").exists()).await;
    let ask = async || {
        assert_eq!(store.users_by_email("alice@example.test").await.unwrap().len(), 1);
        assert_eq!(store.users_by_username("alice").await.unwrap().len(), 1);
        assert!(store.user_by_id(100).await.unwrap().is_some());
    };
    ask().await;
    let mut admin = mariadb.admin(None).await;
    let sql = "SHOW GLOBAL STATUS WHERE Variable_name IN \
        ('Com_stmt_execute', 'Com_stmt_prepare', 'Connections', 'Questions')";
    let before: Vec<(String, u64)> = admin.query(sql).await.unwrap();
    ask().await;
    let after: Vec<(String, u64)> = admin.query(sql).await.unwrap();
    let grown = before.iter().zip(&after);
    let grown: Vec<_> =
        grown.map(|((name, before), (_, after))| (&**name, after - before)).collect();
    // `Questions` also counts the query that reads the counters.
    let expected =
        [("Com_stmt_execute", 3), ("Com_stmt_prepare", 0), ("Connections", 0), ("Questions", 4)];
    assert_eq!(grown, expected);
    watching.abort();
}

/// The account loses its right to read, a table is missing while a backup is restored, or the
/// password changes.
#[tokio::test]
async fn a_database_that_refuses_is_stood_in_for() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let mut admin = database.admin().await;
    let account = "CREATE USER reader IDENTIFIED BY 'secret'";
    admin.query_drop(account).await.unwrap();
    let grant = format!("GRANT SELECT ON `{}`.* TO reader", database.name);
    admin.query_drop(&grant).await.unwrap();
    let mut site = site(&database);
    site.config.database.user = Some("reader".into());
    site.config.database.password = Some("secret".to_owned().into());
    site.config.database.read_only = true;
    let server = serve(site).await;
    let (users, other) = ("RENAME TABLE #__users TO #__away", "RENAME TABLE #__away TO #__users");
    let revoke = grant.replace("GRANT", "REVOKE").replace(" TO ", " FROM ");
    for (fault, cure) in [
        (fixture::sql(users), fixture::sql(other)),
        (revoke, grant),
        (
            "ALTER USER reader IDENTIFIED BY 'another'".to_owned(),
            "ALTER USER reader IDENTIFIED BY 'secret'".to_owned(),
        ),
    ] {
        admin.query_drop(&fault).await.unwrap();
        // An open connection stays open after a change of the password.
        let kill =
            "SELECT GROUP_CONCAT(id) FROM information_schema.processlist WHERE user = 'reader'";
        let ids: Option<String> = admin.query_first(kill).await.unwrap().unwrap();
        for id in ids.iter().flat_map(|ids| ids.split(',')) {
            let _ = admin.query_drop(format!("KILL {id}")).await;
        }
        let reply = await_answer(&server, &validate(), "of the snapshot", is_of_snapshot).await;
        assert_eq!(reply.code(), "ok", "{fault}");
        admin.query_drop(&cure).await.unwrap();
        await_back(&server).await;
    }
}
