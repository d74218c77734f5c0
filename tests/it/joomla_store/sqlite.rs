//! Faults that only SQLite can have.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jbackend_bridge::store::{Joomla, SqliteStore, StoreError};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{Schema, Site, file, fixture, prefix, run_sqlite};

const LIMIT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn names_match_but_for_ascii_case_only() {
    let site = Site::new(Schema::Sqlite).await;
    for (sent, found) in [
        ("ALICE@example.TEST", true),
        ("alice@example.test ", false),
        ("al\0ice@example.test", false),
        ("alice@example.test\0", false),
        ("al\u{200d}ice@example.test", false),
        ("àlice@example.test", false),
    ] {
        assert_eq!(site.by_email(sent).await.is_empty(), !found, "{sent:?}");
    }
    assert_eq!(site.by_email("josé@exämple.test").await, [111]);
    assert_eq!(site.by_email("JOSÉ@exämple.test").await, [0_i64; 0]);
    assert_eq!(site.by_username("ALICE").await, [100]);
    assert_eq!(site.by_username("alice ").await, [0_i64; 0]);
}

#[tokio::test]
async fn a_database_in_memory_is_made_by_a_script() {
    let script = fixture::statements(Schema::Sqlite).join(";\n") + ";";
    let store = SqliteStore::in_memory(&script, &prefix(), LIMIT).unwrap();
    let users = store.users_by_email("alice@example.test").await.unwrap();
    assert_eq!(users[0].groups, [2, 12]);
    assert_eq!(store.site_rows().await.unwrap().groups.len(), 13);
}

#[tokio::test]
async fn a_locked_file_costs_no_more_than_the_limit_and_heals() {
    let folder = folder();
    let store = SqliteStore::open(&file(&folder), &prefix(), LIMIT).unwrap();
    let writer = rusqlite::Connection::open(file(&folder)).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let started = Instant::now();
    let failure = store.users_by_email("alice@example.test").await.unwrap_err();
    assert!(matches!(failure, StoreError::Timeout { .. }), "{failure}");
    assert!(started.elapsed() < LIMIT * 4, "{:?}", started.elapsed());
    writer.execute_batch("ROLLBACK").unwrap();
    store.ping().await.unwrap();
}

/// The end of the process is not a failure of the database, so no caller gets an error.
#[test]
fn regression_a_look_at_the_end_of_the_process_fails_for_nobody() {
    let folder = folder();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
    let store = SqliteStore::open(&file(&folder), &prefix(), LIMIT).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (end, has_ended) = mpsc::channel();
    let (told, answer) = mpsc::channel();
    runtime.spawn(async move {
        begun.send(()).unwrap();
        // Without an await, the task is at work while its runtime ends.
        has_ended.recv().unwrap();
        told.send(store.ping().await.is_ok()).unwrap();
    });
    has_begun.recv().unwrap();
    let handle = runtime.handle().clone();
    runtime.shutdown_background();
    // A task that is started from now on never runs.
    assert!(handle.spawn_blocking(|| ()).now_or_never().is_some_and(|ended| ended.is_err()));
    end.send(()).unwrap();
    assert_eq!(answer.recv(), Err(mpsc::RecvError), "the task is dropped without an answer");
}

#[tokio::test]
async fn a_query_that_would_run_for_minutes_is_stopped() {
    let folder = folder();
    // The store reads a table; here it is a view that never ends.
    run_sqlite(&folder, "DROP TABLE #__viewlevels");
    run_sqlite(
        &folder,
        "CREATE VIEW #__viewlevels AS \
         WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 4000000000) \
         SELECT id, '' AS rules FROM n WHERE id < 0",
    );
    let store = SqliteStore::open(&file(&folder), &prefix(), LIMIT).unwrap();
    let started = Instant::now();
    let failure = store.site_rows().await.unwrap_err();
    assert!(matches!(failure, StoreError::Timeout { .. }), "{failure}");
    assert!(started.elapsed() < LIMIT * 4, "{:?}", started.elapsed());
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_keep_the_database() {
    let folder = folder();
    run_sqlite(&folder, "DROP TABLE #__viewlevels");
    run_sqlite(
        &folder,
        "CREATE VIEW #__viewlevels AS \
         WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 4000000000) \
         SELECT id, '' AS rules FROM n WHERE id < 0",
    );
    let store = SqliteStore::open(&file(&folder), &prefix(), LIMIT).unwrap();
    let left = tokio::time::timeout(Duration::from_millis(20), store.site_rows()).await;
    assert!(left.is_err());
    tokio::time::sleep(LIMIT).await;
    store.ping().await.unwrap();
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    let folder = folder();
    let open = |name: &str, prefix: &str| {
        let path = folder.path().join(name);
        let opened = SqliteStore::open(&path, &prefix.parse().unwrap(), LIMIT);
        let message = opened.err().map(|error| error.to_string()).unwrap_or_default();
        message.replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    std::fs::write(folder.path().join("text"), "no database".repeat(200)).unwrap();
    insta::assert_snapshot!(open("none", "jos_"), @"cannot open the SQLite database `FOLDER/none`: unable to open database file: FOLDER/none: correct its path");
    insta::assert_snapshot!(open("text", "jos_"), @"cannot open the SQLite database `FOLDER/text`: file is not a database: correct its path");
    insta::assert_snapshot!(open("joomla.sqlite", "abc_"), @"there is no table `abc_users` in the database `main` at `FOLDER/joomla.sqlite`: set `prefix` in `[database]` to `jos_`, the only one it holds");
    run_sqlite(&folder, "ALTER TABLE #__users DROP COLUMN password");
    insta::assert_snapshot!(open("joomla.sqlite", "jos_"), @"the tables in the database `main` at `FOLDER/joomla.sqlite` are not those of a Joomla 3 to 6 site: no such column: password: correct `name` or `prefix` in `[database]`");
    let broken = SqliteStore::in_memory("nonsense", &prefix(), LIMIT);
    insta::assert_snapshot!(broken.err().unwrap(), @r#"the database at `memory` failed: near "nonsense": syntax error: see the database server's log"#);
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    run_sqlite(&folder, &fixture::statements(Schema::Sqlite).join(";\n"));
    folder
}

proptest! {
    /// Compares with the rule in plain code: which accounts match at all, then bytes, ASCII case,
    /// id.
    #[test]
    fn candidates_follow_the_rule(
        emails in prop::collection::vec("[aAbBéÉ +]{1,3}", 1..12),
        sent in "[aAbBéÉ +]{1,3}",
    ) {
        let mut script = fixture::statements(Schema::Sqlite).join(";\n") + ";";
        for (id, email) in (1000..).zip(&emails) {
            let row = format!("INSERT INTO jos_users (id, email) VALUES ({id}, '{email}');");
            script.push_str(&row);
        }
        let store = SqliteStore::in_memory(&script, &prefix(), Duration::from_secs(5)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let found = runtime.block_on(store.users_by_email(&sent)).unwrap();
        let found: Vec<i64> = found.iter().map(|user| user.id).collect();

        let matching = |wanted: &str| {
            let mut ranked: Vec<(bool, i64)> = (1000..)
                .zip(&emails)
                .filter(|(_, email)| email.eq_ignore_ascii_case(wanted))
                .map(|(id, email)| (email != wanted, id))
                .collect();
            ranked.sort_unstable();
            ranked.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let mut expected = matching(&sent);
        if expected.is_empty() {
            expected = matching(&sent.replace(' ', "+"));
        }
        prop_assert_eq!(found, expected);
    }
}
