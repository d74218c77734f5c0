//! Every way in which a ledger can fail, for the operator.

use std::io;

use rusqlite::ErrorCode;

use crate::told::{tells, told};

/// A ledger that cannot be used, with the reason and the remedy.
#[derive(Debug)]
pub enum LedgerError {
    /// The file cannot be opened or made.
    Open {
        /// The file.
        place: String,
        /// The reason, from the system.
        reason: String,
        /// The remedy.
        advice: &'static str,
    },
    /// A read or a write failed; a write has changed nothing then.
    Broken {
        /// The file.
        place: String,
        /// The reason, from SQLite.
        reason: String,
        /// The remedy.
        advice: &'static str,
    },
    /// The file holds something else.
    NotALedger {
        /// The file.
        place: String,
    },
    /// A later version of the program has made or migrated it.
    TooNew {
        /// The file.
        place: String,
        /// The version of its tables.
        found: u32,
        /// The last version this program knows.
        known: u32,
    },
    /// A backup whose pages are damaged.
    DamagedBackup {
        /// The file.
        place: String,
        /// The damage that SQLite finds.
        damage: String,
    },
    /// A file that takes part in a backup or a restore.
    File {
        /// `read`, `write`.
        what: &'static str,
        /// The file.
        place: String,
        /// The reason, from the system.
        reason: io::Error,
    },
    /// The key of the audit log is missing or cannot be used.
    AuditKey {
        /// Its file.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The thread of the ledger has ended, or too much waits for it.
    Busy {
        /// The file.
        place: String,
    },
}

impl std::error::Error for LedgerError {}

tells!(LedgerError {
    Self::Open { place, reason, advice } => {
        told!("cannot open the ledger `{place}`: {reason}" => "{advice}")
    },
    Self::Broken { place, reason, advice } => {
        told!("the ledger `{place}` failed: {reason}" => "{advice}")
    },
    Self::NotALedger { place } => {
        told!("`{place}` is not a ledger of jbackend-bridge" => "name another file")
    },
    Self::TooNew { place, found, known } => told!(
        "the ledger `{place}` has tables of version {found}, this program knows them up to version \
         {known}" =>
        "use the version of the program that made them, or a later one"
    ),
    Self::DamagedBackup { place, damage } => told!(
        "the backup `{place}` is damaged: {damage}" => "use another backup; nothing was changed"
    ),
    Self::File { what, place, reason } => told!("cannot {what} `{place}`: {reason}"),
    Self::AuditKey { place, reason } => told!(
        "the key of the audit log, `{place}`, cannot be used: {reason}" =>
        "put it back from its backup; docs/ledger.md tells what to do without one"
    ),
    Self::Busy { place } => {
        told!("the ledger `{place}` is too busy" => "try again in a moment")
    },
});

impl LedgerError {
    pub(super) fn open(place: &str, error: &rusqlite::Error) -> Self {
        Self::Open { place: place.into(), reason: words(error), advice: advice(error) }
    }

    pub(super) fn broken(place: &str, error: &rusqlite::Error) -> Self {
        Self::Broken { place: place.into(), reason: words(error), advice: advice(error) }
    }
}

/// SQLite's own words, without the statement.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            "look whether its disk is full or broken"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program keeps it locked; end that program"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "give the service's user the right to write the file and its folder"
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            "move it away and run `jbackend-bridge ledger restore` with a backup"
        }
        _ => "see docs/ledger.md",
    }
}
