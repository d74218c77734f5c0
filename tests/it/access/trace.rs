//! Trace rows: complete, off the request's path, without secrets.

use std::time::Duration;

use mysql_async::Row;
use mysql_async::prelude::Queryable;

use crate::common::fixture;
use crate::common::site::{ALICE_KEY, Server, Site};

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
async fn no_row_is_lost_at_shutdown() {
    let server = Site::recorded().await.serve().await;
    for _ in 0..300 {
        assert_eq!(server.code("/trace").await, "REQ_MNS");
    }
    let database = server.site.database();
    server.stopped().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT COUNT(*) FROM #__jbackend_logs");
    let rows: Option<i64> = admin.query_first(sql).await.unwrap();
    assert_eq!(rows, Some(300));
}

#[tokio::test]
async fn a_locked_table_slows_no_answer_and_loses_no_row() {
    let server = Site::recorded().await.serve().await;
    let database = server.site.database();
    let mut lock = database.admin().await;
    let sql = fixture::sql("LOCK TABLES #__jbackend_logs WRITE");
    lock.query_drop(sql).await.unwrap();
    for _ in 0..20 {
        let answer = tokio::time::timeout(Duration::from_secs(2), server.code("/trace")).await;
        assert_eq!(answer.unwrap(), "REQ_MNS");
    }
    lock.query_drop("UNLOCK TABLES").await.unwrap();
    for _ in 0..200 {
        if count(&server).await == 20 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} of 20 rows were written", count(&server).await);
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
