//! Trace rows that cannot be kept: dropped knowingly, and counted in the log.

use std::sync::Arc;
use std::time::Duration;

use jbackend_bridge::jbackend::trace::Trace;
use jbackend_bridge::joomla::{Answer, JBackendTables, KeyVerdict, MySqlWriter, TraceRow};
use jiff::Timestamp;
use mysql_async::prelude::Queryable;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Semaphore;

use crate::common::fixture::{self, Schema};
use crate::common::log::Log;
use crate::common::mariadb::MariaDb;
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

/// Takes a batch for each permit.
struct Gated(Semaphore);

impl JBackendTables for Gated {
    fn count_key<'a>(&'a self, _: &'a str) -> Answer<'a, KeyVerdict> {
        Box::pin(async { Ok(KeyVerdict::Invalid) })
    }

    fn judge_key<'a>(&'a self, _: &'a str) -> Answer<'a, KeyVerdict> {
        Box::pin(async { Ok(KeyVerdict::Invalid) })
    }

    fn append_trace<'a>(&'a self, _: &'a [TraceRow]) -> Answer<'a, usize> {
        Box::pin(async {
            self.0.acquire().await.unwrap().forget();
            Ok(0)
        })
    }
}

fn lost(log: &Log) -> usize {
    let text = log.text();
    let counts = text.split("lost=").skip(1).map(|rest| rest.split_whitespace().next().unwrap());
    counts.map(|count| count.parse::<usize>().unwrap()).sum()
}

/// No statement ever failed, so nobody was told.
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

/// The server's word for a text that a column cannot hold made a whole batch disappear.
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
