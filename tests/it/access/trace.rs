//! Trace rows: complete, written after the answer, without secrets.

use std::time::{Duration, Instant};

use jbackend_bridge::config::values::CodeName;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use testkit::fixture;
use testkit::mariadb::Database;

use crate::common::site::{ALICE_KEY, Server, Site};

/// Time for an event to come by itself, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn count(server: &Server) -> i64 {
    let mut rows = server.site.rows("SELECT COUNT(*) FROM #__jbackend_logs").await;
    rows.pop().unwrap().take(0).unwrap()
}

#[tokio::test]
async fn downloads_leave_a_row_too_and_no_row_holds_a_secret() {
    let server = Site::recorded().await.serve().await;
    let paid = format!(
        "/trace/get/release/download/redj_ent_190?email=alice@example.test&key={ALICE_KEY}"
    );
    assert_eq!(server.get(&paid).await.status, 200);
    assert_eq!(
        server
            .code("/trace/post/release/keybyauth/redj_enterprise?username=alice&password=alicepass")
            .await,
        "ok"
    );
    let database = server.site.database();
    server.stopped().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT * FROM #__jbackend_logs ORDER BY id");
    let rows: Vec<Row> = admin.query(sql).await.unwrap();
    let rows: Vec<_> = rows.into_iter().map(|row| format!("{:?}", row.unwrap_raw())).collect();
    let text = rows.join("\n");
    assert!(text.contains("download") && text.contains("keybyaut"), "{text}");
    for secret in [ALICE_KEY, "alicepass", "alice@example.test"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_row_had_the_usual_code_where_the_site_has_another() {
    let mut site = Site::recorded().await;
    let renamed = CodeName { code: Some("OWN_NO_MODULE_NAMED_HERE".into()), text: None };
    site.config.release.error_codes.insert("REQ_MNS".into(), renamed);
    let server = site.serve().await;
    assert_eq!(server.code("/trace").await, "OWN_NO_MODULE_NAMED_HERE");
    let database = server.site.database();
    server.stopped().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT error_code FROM #__jbackend_logs ORDER BY id DESC LIMIT 1");
    let code: Option<String> = admin.query_first(sql).await.unwrap();
    // The row has as much of the code as the column holds.
    assert_eq!(code.as_deref(), Some("OWN_NO_MODULE_NAMED_"));
}

#[tokio::test]
async fn no_row_is_lost_at_shutdown() {
    let server = Site::recorded().await.serve().await;
    for _ in 0..300 {
        assert_eq!(server.code("/trace").await, "REQ_MNS");
    }
    let database = server.site.database();
    server.stopped().await;
    assert_eq!(rows_of(&database).await, 300);
}

/// Counts the rows in the log of a site that is no longer served.
pub(super) async fn rows_of(database: &Database<'_>) -> i64 {
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT COUNT(*) FROM #__jbackend_logs");
    let rows: Option<i64> = admin.query_first(sql).await.unwrap();
    rows.unwrap()
}

/// Finds the number of the statement that waits to write rows, if there is one.
async fn waiting(admin: &mut Conn) -> Option<u64> {
    let sql = "SELECT query_id FROM information_schema.processlist WHERE db = DATABASE() \
        AND state LIKE 'Waiting for table%' AND info LIKE '%INSERT%jbackend_logs%'";
    admin.query_first(sql).await.unwrap()
}

#[tokio::test]
async fn a_locked_table_slows_no_answer_and_loses_no_row() {
    let mut site = Site::recorded().await;
    site.config.database.query_timeout = PATIENCE.as_secs();
    let server = site.serve().await;
    let database = server.site.database();
    let mut lock = database.admin().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("LOCK TABLES #__jbackend_logs WRITE");
    lock.query_drop(sql).await.unwrap();
    assert_eq!(server.code("/trace").await, "REQ_MNS");
    let started = Instant::now();
    let first = loop {
        if let Some(first) = waiting(&mut admin).await {
            break first;
        }
        assert!(started.elapsed() < PATIENCE, "nobody writes the row");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    for _ in 0..19 {
        assert_eq!(server.code("/trace").await, "REQ_MNS");
    }
    assert_eq!(waiting(&mut admin).await, Some(first), "an answer has waited for a row");
    lock.query_drop("UNLOCK TABLES").await.unwrap();
    let started = Instant::now();
    loop {
        let rows = count(&server).await;
        if rows == 20 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{rows} of 20 rows were written");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_end_point_without_trace_leaves_nothing() {
    let server = Site::recorded().await.serve().await;
    assert_eq!(server.code("/packages").await, "REQ_MNS");
    let database = server.site.database();
    server.stopped().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT COUNT(*) FROM #__jbackend_logs");
    let rows: Option<i64> = admin.query_first(sql).await.unwrap();
    assert_eq!(rows, Some(0));
}
