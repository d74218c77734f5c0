//! Trace rows that cannot be kept: they are dropped on purpose, and the log counts them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jbackend_bridge::jbackend::trace::Trace;
use jbackend_bridge::store::{JBackendTables, KeyVerdict, MySqlWriter, StoreError, TraceRow};
use jiff::Timestamp;
use mysql_async::prelude::Queryable;
use prometheus_client::metrics::counter::Counter;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};
use tokio::sync::Semaphore;

use crate::common::log::Log;
use crate::common::store::StoreSettings as _;
use jbackend_bridge::supervise::Tasks;

/// More rows than the queue holds.
const MANY: usize = 20_000;

fn row(action: &str) -> TraceRow {
    TraceRow {
        endpoint: 0,
        access_type: 0,
        at: Timestamp::UNIX_EPOCH,
        error_code: None,
        user_id: 0,
        key: String::new(),
        action: action.into(),
        module: String::new(),
        resource: String::new(),
        duration: Duration::ZERO,
    }
}

/// Tables that accept one batch for each permit.
struct Gated(Semaphore);

#[async_trait]
impl JBackendTables for Gated {
    async fn count_key(&self, _: &str) -> Result<KeyVerdict, StoreError> {
        Ok(KeyVerdict::Invalid)
    }

    async fn judge_key(&self, _: &str) -> Result<KeyVerdict, StoreError> {
        Ok(KeyVerdict::Invalid)
    }

    async fn append_trace(&self, _: &[TraceRow]) -> Result<usize, StoreError> {
        self.0.acquire().await.unwrap().forget();
        Ok(0)
    }
}

fn lost(log: &Log) -> usize {
    let text = log.text();
    let counts = text.split("lost=").skip(1).map(|rest| rest.split_whitespace().next().unwrap());
    counts.map(|count| count.parse::<usize>().unwrap()).sum()
}

/// No statement fails here, so only a count can tell the operator of the loss.
#[tokio::test]
async fn rows_lost_to_a_slow_table_were_never_counted_in_the_log() {
    let log = Log::keep();
    let tables = Arc::new(Gated(Semaphore::new(0)));
    let (trace, writer) =
        Trace::start(Arc::<Gated>::clone(&tables), Counter::default(), Tasks::default());
    for _ in 0..MANY {
        trace.record(row("get"));
    }
    assert_eq!(log.count(&["fast enough"]), 1);
    tables.0.add_permits(MANY);
    let started = std::time::Instant::now();
    while lost(&log) == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", log.text());
        tokio::task::yield_now().await;
    }
    let told = lost(&log);
    assert!((MANY / 4..MANY).contains(&told), "{told}");
    drop(trace);
    writer.await.unwrap();
    assert_eq!(lost(&log), told, "told once");
}

#[tokio::test]
async fn rows_that_wait_when_the_writer_is_given_up_are_counted() {
    let log = Log::keep();
    let (trace, writer) =
        Trace::start(Arc::new(Gated(Semaphore::new(0))), Counter::default(), Tasks::default());
    for _ in 0..MANY {
        trace.record(row("get"));
        tokio::task::yield_now().await;
    }
    drop(trace);
    writer.abort();
    assert!(writer.await.unwrap_err().is_cancelled());
    assert_eq!(lost(&log), MANY);
}

/// If the server refuses a text that a column cannot hold, the rest of the batch must not be lost.
#[tokio::test]
async fn one_unwritable_row_took_its_batch_along_in_silence() {
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    database
        .run(
            "CREATE TRIGGER refuse BEFORE INSERT ON #__jbackend_logs FOR EACH ROW \
             IF NEW.action = 'bad' THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1267; END IF",
        )
        .await;
    let writer = MySqlWriter::connect(database.settings()).await.unwrap();
    let rows = ["one", "bad", "two", "bad", "bad"].map(row);
    assert_eq!(writer.append_trace(&rows).await, Ok(3));
    assert_eq!(writer.append_trace(&rows[..1]).await, Ok(0));
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT action FROM #__jbackend_logs ORDER BY id");
    let actions: Vec<String> = admin.query(sql).await.unwrap();
    assert_eq!(actions, ["one", "two", "one"]);
}

/// Waits until the log's table holds these actions.
async fn actions(database: &Database<'_>, wanted: &[&str]) {
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT action FROM #__jbackend_logs ORDER BY id");
    let started = std::time::Instant::now();
    loop {
        let actions: Vec<String> = admin.query(&sql).await.unwrap_or_default();
        if actions == wanted {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{actions:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn refusing(database: &Database<'_>, how: &str) {
    let trigger = format!(
        "CREATE TRIGGER refuse BEFORE INSERT ON #__jbackend_logs FOR EACH ROW \
         IF NEW.action = 'bad' THEN {how}; END IF"
    );
    database.run(&trigger).await;
}

/// On MySQL, such a character would block its row and every later one.
#[tokio::test]
async fn what_a_column_cannot_hold_becomes_a_question_mark() {
    for (charset, written) in [("utf8", "vé?"), ("latin1", "vé?"), ("ascii", "v??")] {
        let database = MariaDb::shared().database(Schema::Joomla3).await;
        let sql = format!("ALTER TABLE #__jbackend_logs CONVERT TO CHARACTER SET {charset}");
        database.run(&sql).await;
        let writer = MySqlWriter::connect(database.settings()).await.unwrap();
        let full = TraceRow {
            key: "vé😀".into(),
            module: "vé😀".into(),
            resource: "vé😀".into(),
            ..row("vé😀")
        };
        assert_eq!(writer.append_trace(&[row("one"), full, row("two")]).await, Ok(0));
        actions(&database, &["one", written, "two"]).await;
        let mut admin = database.admin().await;
        let sql = "SELECT `key`, module, resource FROM #__jbackend_logs WHERE `key` <> ''";
        let found: Vec<(String, String, String)> = admin.query(fixture::sql(sql)).await.unwrap();
        let all = (written.to_owned(), written.to_owned(), written.to_owned());
        assert_eq!(found, [all]);
    }
}

/// For any answer of the server to a row, the rows around it are written at once.
#[tokio::test]
async fn a_refused_row_is_dropped_whatever_the_reason() {
    for how in [
        "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3988",
        "SIGNAL SQLSTATE '45000'",
        "SIGNAL SQLSTATE '22001' SET MYSQL_ERRNO = 1406",
        "SET NEW.duration = (SELECT 1 UNION SELECT 2)",
        "INSERT INTO no_such_table VALUES (1)",
        "SIGNAL SQLSTATE '42000' SET MYSQL_ERRNO = 1142",
        "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1290",
    ] {
        let database = MariaDb::shared().database(Schema::Joomla3).await;
        refusing(&database, how).await;
        let writer = MySqlWriter::connect(database.settings()).await.unwrap();
        let rows = ["bad", "one", "bad", "two"].map(row);
        assert_eq!(writer.append_trace(&rows).await, Ok(2), "{how}");
        actions(&database, &["one", "two"]).await;
    }
}

/// One row cannot show whether the fault is its own or the table's; the next row does.
#[tokio::test]
async fn a_row_refused_with_a_table_s_reason_makes_way_for_the_next() {
    let log = Log::keep();
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    refusing(&database, "INSERT INTO no_such_table VALUES (1)").await;
    let writer = MySqlWriter::connect(database.settings()).await.unwrap();
    let refusal = writer.append_trace(&[row("bad")]).await.unwrap_err();
    assert!(matches!(refusal, StoreError::TakesNoRows { .. }), "{refusal}");
    let counted = Counter::default();
    let (trace, writer) = Trace::start(Arc::new(writer), counted.clone(), Tasks::default());
    trace.record(row("bad"));
    let started = std::time::Instant::now();
    while log.count(&["they are kept"]) == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", log.text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(counted.get(), 0);
    trace.record(row("good"));
    actions(&database, &["good"]).await;
    drop(trace);
    writer.await.unwrap();
    assert_eq!((counted.get(), lost(&log)), (1, 1), "{}", log.text());
}

/// A row that is refused because of its own contents is counted at once, without a further row.
#[tokio::test]
async fn a_refused_row_is_counted_without_another() {
    let log = Log::keep();
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    refusing(&database, "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 3988").await;
    let writer = MySqlWriter::connect(database.settings()).await.unwrap();
    let counted = Counter::default();
    let (trace, writer) = Trace::start(Arc::new(writer), counted.clone(), Tasks::default());
    trace.record(row("bad"));
    drop(trace);
    writer.await.unwrap();
    assert_eq!((counted.get(), lost(&log)), (1, 1), "{}", log.text());
    assert_eq!(log.count(&["refuses a trace row", "error 3988"]), 1, "{}", log.text());
}

/// No row is lost while a table is missing for a time.
#[tokio::test]
async fn rows_wait_for_a_table_that_takes_none() {
    let log = Log::keep();
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    let writer = MySqlWriter::connect(database.settings()).await.unwrap();
    database.run("RENAME TABLE #__jbackend_logs TO #__away").await;
    let counted = Counter::default();
    let (trace, writer) = Trace::start(Arc::new(writer), counted.clone(), Tasks::default());
    trace.record(row("one"));
    let started = std::time::Instant::now();
    while log.count(&["they are kept"]) == 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", log.text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    trace.record(row("two"));
    trace.record(row("three"));
    database.run("RENAME TABLE #__away TO #__jbackend_logs").await;
    drop(trace);
    writer.await.unwrap();
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT action FROM #__jbackend_logs ORDER BY action");
    let actions: Vec<String> = admin.query(sql).await.unwrap();
    assert_eq!(actions, ["one", "three", "two"]);
    assert_eq!(counted.get(), 0, "{}", log.text());
    assert_eq!(log.count(&["written again"]), 1, "{}", log.text());
}
