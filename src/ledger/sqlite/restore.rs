//! Puts a backup in the place of a ledger's contents, also while services have it open.
//!
//! The backup is prepared beside the ledger, then all of its pages are written in one transaction:
//! a process that is killed on the way leaves the ledger as it was.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use serde::Serialize;
use serde_json::json;

use super::backup::{file_error, temporary};
use super::migrate::PATIENCE;
use super::{SUSPENDED, SqliteLedger, audit, damage, migrate, number};
use crate::ledger::LedgerError;
use crate::ledger::audit::{Act, AuditRow};
use crate::ledger::audit_verification::RESTORED;

/// The time between two attempts to write while another process writes.
const PAUSE: Duration = Duration::from_millis(20);

/// Every page in one step, which is one transaction.
const ALL_PAGES: i32 = -1;

/// The result of a restore, and the work that remains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The time up to which the backup is complete; not known for a plain copy of a file.
    pub complete_until: Option<Timestamp>,
    /// The time of the restore. Revocations and withdrawals between both must be repeated.
    pub restored_at: Timestamp,
    /// The epoch that has begun.
    pub epoch: i64,
    /// Upload tokens that wait for a confirmation.
    pub suspended_tokens: i64,
}

impl SqliteLedger {
    /// Puts a backup in the place of the ledger's contents, and begins a new epoch.
    ///
    /// # Errors
    /// [`LedgerError`] if the backup is not a sound ledger or cannot be written; the ledger keeps
    /// its contents then.
    pub async fn restore(&self, from: &Path, actor: &str) -> Result<Restored, LedgerError> {
        // The caller may read a file that the ledger's owner may not.
        let opened = File::open(from).map_err(|reason| file_error("read", from, reason))?;
        let (ledger, source) = (self.clone(), from.to_owned());
        let act = Act::new(actor, RESTORED);
        let job =
            move |connection: &mut Connection| restore(connection, &ledger, opened, &source, act);
        self.run(job).await?
    }
}

fn restore(
    connection: &mut Connection,
    ledger: &SqliteLedger,
    mut opened: File,
    source: &Path,
    mut act: Act,
) -> Result<Restored, LedgerError> {
    let broken = |error: rusqlite::Error| LedgerError::broken(&ledger.place(), &error);
    let place = source.display().to_string();
    let path = &ledger.path;
    let mut beside =
        temporary(path)().map_err(|reason| file_error("write a copy beside", path, reason))?;
    io::copy(&mut opened, beside.as_file_mut())
        .and_then(|_| beside.as_file_mut().rewind())
        .map_err(|reason| file_error("copy the backup", source, reason))?;
    let copy = prepared(beside.path(), &place)?;
    let now = Timestamp::now();
    let until: Option<i64> =
        copy.query_row("SELECT backed_up_at FROM ledger", [], |row| row.get(0)).map_err(broken)?;
    let later = |of: &str| -> rusqlite::Result<i64> {
        Ok(number(connection, of)?.max(number(&copy, of)?).saturating_add(1))
    };
    let epoch = later("SELECT epoch FROM ledger").map_err(broken)?;
    let revision = later("SELECT revision FROM ledger").map_err(broken)?;
    copy.execute(
        "UPDATE ledger SET epoch = ?1, revision = ?2, backed_up_at = NULL",
        [epoch, revision],
    )
    .map_err(broken)?;
    let suspended_tokens = number(&copy, SUSPENDED).map_err(broken)?;
    // The rows after the backup are lost: their head shows which ones.
    let lost = audit::last(connection).map_err(broken)?.as_ref().map(AuditRow::head);
    act.before = Some(json!({ "head": lost }));
    act.after = Some(json!({ "epoch": epoch, "complete_until": until }));
    ledger.append(&copy, &act)?;
    write_over(&copy, connection).map_err(broken)?;
    Ok(Restored {
        complete_until: until.and_then(|second| Timestamp::from_second(second).ok()),
        restored_at: now,
        epoch,
        suspended_tokens,
    })
}

/// Opens the copy of a backup as a ledger of this version, without a journal beside it.
fn prepared(copy: &Path, place: &str) -> Result<Connection, LedgerError> {
    let damaged = |damage: String| LedgerError::DamagedBackup { place: place.into(), damage };
    let broken = |error: rusqlite::Error| damaged(error.to_string());
    let mut connection = Connection::open(copy).map_err(broken)?;
    let found = damage(&connection).map_err(broken)?;
    if !found.is_empty() {
        return Err(damaged(found.join("; ")));
    }
    if !migrate::is_a_ledger(&connection).map_err(broken)? {
        return Err(LedgerError::NotALedger { place: place.into() });
    }
    migrate::up_to_date(&mut connection, place)?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(broken)?;
    Ok(connection)
}

/// Writes all pages of the copy over those of the ledger, in one transaction.
fn write_over(copy: &Connection, ledger: &mut Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let backup = Backup::new(copy, ledger)?;
    loop {
        match backup.step(ALL_PAGES)? {
            StepResult::Done => return Ok(()),
            _ if Instant::now() < deadline => sleep(PAUSE),
            _ => {
                return Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                    None,
                ));
            }
        }
    }
}
