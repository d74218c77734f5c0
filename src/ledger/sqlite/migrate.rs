//! Makes the tables of a ledger, and brings those of an earlier version up to date.
//!
//! Versions only go forward, each in one transaction. Two processes that start at once make them
//! once: the second waits for the first and finds nothing left to do.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::ledger::LedgerError;

/// Time for which a write waits for another process.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The statements that lead to version 1, 2 and so on.
const MIGRATIONS: &[&str] = &[include_str!("../../../sql/ledger/sqlite/1.sql")];

/// The last of them.
const LATEST: u32 = 1;
const _: () = assert!(MIGRATIONS.len() == LATEST as usize);

/// SQLite's field for the kind of a file: `jbld`.
const APPLICATION: i32 = 0x6a62_6c64;

/// Sets up the connection and migrates the file.
pub(super) fn up_to_date(connection: &mut Connection, place: &str) -> Result<(), LedgerError> {
    let open = |error: rusqlite::Error| LedgerError::open(place, &error);
    connection.busy_timeout(PATIENCE).map_err(open)?;
    if known_version(connection, place)? < LATEST {
        let write =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(open)?;
        // Another process may have made or migrated it meanwhile.
        let found = known_version(&write, place)?;
        for statements in MIGRATIONS.iter().skip(found as usize) {
            write.execute_batch(statements).map_err(open)?;
        }
        write.pragma_update(None, "application_id", APPLICATION).map_err(open)?;
        write.pragma_update(None, "user_version", LATEST).map_err(open)?;
        write.commit().map_err(open)?;
    }
    settle(connection).map_err(open)
}

/// The version of the tables, 0 for an empty file. A file of another program, and tables of a later
/// version, are refused.
pub(super) fn known_version(connection: &Connection, place: &str) -> Result<u32, LedgerError> {
    let open = |error: rusqlite::Error| LedgerError::open(place, &error);
    if !is_a_ledger(connection).map_err(open)? && !is_empty(connection).map_err(open)? {
        return Err(LedgerError::NotALedger { place: place.into() });
    }
    match version(connection).map_err(open)? {
        found if found > LATEST => {
            Err(LedgerError::TooNew { place: place.into(), found, known: LATEST })
        }
        found => Ok(found),
    }
}

/// Readers do not wait for writers, and a commit that was answered survives a power cut.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    let journal: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    tracing::debug!(journal, "ledger opened");
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// The version of the tables; 0 for an empty file.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Whether the file is marked as a ledger, of any version.
pub(super) fn is_a_ledger(connection: &Connection) -> rusqlite::Result<bool> {
    let found: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(found == APPLICATION)
}

/// Whether the file has no tables at all.
fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    connection.query_row(tables, [], |row| row.get(0))
}
