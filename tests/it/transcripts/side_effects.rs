//! The effects of the recorded requests on jBackend's own tables: counters of API keys, trace rows.

use mysql_async::Row;
use mysql_async::prelude::Queryable;
use testkit::fixture;
use testkit::transcript;

use super::send;
use crate::common::site::{Server, Site};

#[tokio::test]
async fn api_keys_are_counted_as_recorded() {
    let server = Site::recorded().await.serve().await;
    let mut checked = 0;
    for case in transcript::all() {
        if let Some(statement) = &case.before {
            server.site.run(statement).await;
        }
        let change = case.note.as_deref().and_then(key_change);
        let Some((key, hits, today)) = change else {
            send(&server, &case).await;
            continue;
        };
        let before = counters(&server, &key).await;
        send(&server, &case).await;
        let after = counters(&server, &key).await;
        assert_eq!(after.0 - before.0, hits, "{}: hits", case.name);
        assert_eq!(after.1 - before.1, today, "{}: hits of today", case.name);
        checked += 1;
    }
    assert_eq!(checked, 14);
}

/// Reads `key row (…) before: goodkey|0|…|8|…|…|8|1 after: …`: the key, and the change of its
/// counters.
fn key_change(note: &str) -> Option<(String, i64, i64)> {
    let (_, rows) = note.strip_prefix("key row ")?.split_once(" before: ")?;
    let (before, after) = rows.split_once(" after: ")?;
    let column = |row: &str, index: usize| row.split('|').nth(index).unwrap().to_owned();
    let change = |index| {
        column(after, index).parse::<i64>().unwrap() - column(before, index).parse::<i64>().unwrap()
    };
    Some((column(before, 0), change(3), change(6)))
}

async fn counters(server: &Server, key: &str) -> (i64, i64) {
    let sql = format!("SELECT hits, current_hits FROM #__jbackend_keys WHERE `key` = '{key}'");
    let mut rows = server.site.rows(&sql).await;
    let mut row = rows.pop().unwrap();
    (row.take("hits").unwrap(), row.take("current_hits").unwrap())
}

#[tokio::test]
async fn an_accepted_request_dates_the_key() {
    let server = Site::recorded().await.serve().await;
    assert_eq!(server.code("/apikey/post/release/x?api_key=goodkey").await, "REQ_RUN");
    let sql = "SELECT hits, current_hits, current_day = UTC_DATE() AS today, \
               ABS(TIMESTAMPDIFF(SECOND, last_visit, UTC_TIMESTAMP())) < 60 AS now \
               FROM #__jbackend_keys WHERE `key` = 'goodkey'";
    let mut row = server.site.rows(sql).await.pop().unwrap();
    let columns = ["hits", "current_hits", "today", "now"];
    assert_eq!(columns.map(|name| row.take::<i64, _>(name).unwrap()), [1, 1, 1, 1]);
}

#[tokio::test]
async fn trace_rows_are_written_as_recorded() {
    let server = Site::recorded().await.serve().await;
    let mut wanted = Vec::new();
    for case in transcript::all() {
        send(&server, &case).await;
        let rows = case.note.as_deref().and_then(|note| note.split_once("duration): "));
        let Some((_, row)) = rows else { continue };
        // The id, the times and the duration differ from the recording.
        let columns: Vec<_> = row.split('|').map(str::to_owned).collect();
        let mut row = [1, 2, 5, 6, 7, 8, 9, 10, 11].map(|index| columns[index].clone());
        if case.kind == "params" {
            // It was recorded with a resource that existed only for the recording.
            (row[2], row[3]) = ("1".into(), "REQ_RUN".into());
        }
        wanted.push(row);
    }
    let database = server.site.database();
    server.stopped().await;
    let sql = "SELECT endpoint, access_type, error, error_code, user_id, `key`, action, module, \
               resource, duration >= 0 AND duration < 60 AS sane, \
               ABS(TIMESTAMPDIFF(SECOND, request_time, UTC_TIMESTAMP())) < 600 AS now, \
               request_date = DATE(request_time) AS same_day FROM #__jbackend_logs ORDER BY id";
    let mut admin = database.admin().await;
    let found: Vec<Row> = admin.query(fixture::sql(sql)).await.unwrap();
    let found: Vec<Vec<String>> = found.into_iter().map(texts).collect();
    let rows: Vec<_> = found.iter().map(|row| row[..9].to_vec()).collect();
    assert_eq!(rows, wanted);
    assert_eq!(wanted.len(), 9);
    assert!(found.iter().all(|row| row[9..] == ["1", "1", "1"]), "{found:#?}");
}

fn texts(row: Row) -> Vec<String> {
    row.unwrap_raw()
        .into_iter()
        .map(|value| match value.unwrap() {
            mysql_async::Value::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            mysql_async::Value::NULL => "NULL".into(),
            other => other.as_sql(true).trim_matches('\'').to_owned(),
        })
        .collect()
}
