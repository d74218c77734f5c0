//! Requests that end before their answer, and answers that break off: each has its line in the log
//! and its trace row.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use jbackend_bridge::http::access_log;
use jbackend_bridge::http::download::{self, budget::Budget};
use jbackend_bridge::packages::PackageFile;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use testkit::fixture;
use testkit::mariadb::Database;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Server, Site, eventually, within};
use crate::common::log::Log;
use crate::common::site::ALICE_KEY;

/// Sends a request that waits for the database, whose answer is held back as long as the lock is
/// held.
async fn stuck_request(server: &Server, database: &Database<'_>) -> (TcpStream, Conn) {
    let mut lock = database.admin().await;
    lock.query_drop(fixture::sql("LOCK TABLES #__users WRITE")).await.unwrap();
    let mut stream = server.client.connect().await;
    let request = format!(
        "GET /trace/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY} \
         HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let waiting = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE db = '{}' AND state LIKE '%lock%'",
        database.name
    );
    let mut admin = database.admin().await;
    within("the request in the database", async {
        while admin.query_first::<i64, _>(&waiting).await.unwrap() != Some(1) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    (stream, lock)
}

async fn traces(database: &Database<'_>) -> Vec<(u8, String, String)> {
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT error, error_code, resource FROM #__jbackend_logs");
    admin.query(sql).await.unwrap()
}

fn unanswered() -> Vec<(u8, String, String)> {
    vec![(1, String::new(), "validate".into())]
}

#[tokio::test]
async fn a_request_whose_client_goes_away_leaves_its_line_and_its_trace_row() {
    let log = Log::keep();
    let server = Site::recorded().await.serve().await;
    let database = server.site.database();
    let (stream, mut lock) = stuck_request(&server, &database).await;
    stream.set_zero_linger().unwrap();
    drop(stream);
    lock.query_drop("UNLOCK TABLES").await.unwrap();
    eventually("a line", || log.count(&["access", "resource=\"validate\""]) == 1).await;
    within("a row", async {
        while traces(&database).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    server.stopped().await;
    assert_eq!(log.count(&["access", "status="]), 1, "{}", log.text());
    assert_eq!(traces(&database).await.len(), 1);
}

#[tokio::test]
async fn a_request_cut_off_by_the_stop_left_no_line_and_no_trace_row() {
    let log = Log::keep();
    let mut site = Site::recorded().await;
    site.config.database.query_timeout = 600;
    site.config.server.shutdown_deadline = 1;
    let server = site.serve().await;
    let database = server.site.database();
    let (_stream, lock) = stuck_request(&server, &database).await;
    within("the end", server.stopped()).await;
    assert_eq!(log.count(&["access", "status=499"]), 1, "{}", log.text());
    assert_eq!(traces(&database).await, unanswered());
    drop(lock);
}

/// A file opened only for writing cannot be read.
#[tokio::test]
async fn a_download_that_breaks_off_lost_its_cause() {
    let log = Log::keep();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, "PK").unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let file = PackageFile::new(file, "a.zip").unwrap().unwrap();
    let budget: Arc<Budget> = Budget::new(1024 * 1024);
    let reply = download::respond(file, &Method::GET, &HeaderMap::new(), &budget);
    access_log::follow(reply, ()).into_body().collect().await.err().unwrap();
    let line = "package file `a.zip` could not be read to its end: check the storage: ";
    assert_eq!(log.count(&[line, "(os error 9)"]), 1, "{}", log.text());
    assert_eq!(log.text().matches("a.zip").count(), 1, "{}", log.text());
}
