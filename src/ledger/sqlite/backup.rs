//! Copies a ledger in use into a file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::{NamedTempFile, TempPath};

use super::SqliteLedger;
use crate::ledger::LedgerError;
use crate::supervise::blocking;

impl SqliteLedger {
    /// Writes a copy of the ledger as it is at one moment, and gives the time of that moment. Only
    /// the caller can read the file. A file that exists is refused.
    ///
    /// # Errors
    /// [`LedgerError`] if the copy cannot be made or written; the ledger itself is not changed.
    pub async fn backup(&self, to: &Path) -> Result<Timestamp, LedgerError> {
        let now = Timestamp::now();
        let beside = temporary(&self.path);
        let copied = self.run(move |connection| {
            let file = beside().map_err(CopyFailure::File)?.into_temp_path();
            copy(connection, &file, now).map_err(CopyFailure::Sqlite)?;
            Ok(file)
        });
        let copy = copied.await?.map_err(|failure: CopyFailure| match failure {
            CopyFailure::File(reason) => file_error("write a copy beside", &self.path, reason),
            CopyFailure::Sqlite(error) => LedgerError::broken(&self.place(), &error),
        })?;
        let to = to.to_owned();
        let written = blocking(move || {
            deliver(&copy, &to).map_err(|reason| file_error("write the backup", &to, reason))
        });
        written.await.map_err(|_| LedgerError::Busy { place: self.place() })??;
        Ok(now)
    }
}

/// Why a copy was not made.
enum CopyFailure {
    File(io::Error),
    Sqlite(rusqlite::Error),
}

pub(super) fn file_error(what: &'static str, place: &Path, reason: io::Error) -> LedgerError {
    LedgerError::File { what, place: place.display().to_string(), reason }
}

/// Makes a way to an empty file beside the ledger, to be used as the ledger's owner.
pub(super) fn temporary(
    ledger: &Path,
) -> impl FnOnce() -> io::Result<NamedTempFile> + Send + use<> {
    let folder = ledger.parent().unwrap_or(Path::new("/")).to_owned();
    move || tempfile::Builder::new().prefix(".ledger-").tempfile_in(folder)
}

/// Fills an empty file with the ledger as it is now.
fn copy(connection: &Connection, file: &TempPath, now: Timestamp) -> rusqlite::Result<()> {
    connection.execute("VACUUM INTO ?1", [file.to_string_lossy()])?;
    let copy = Connection::open(file)?;
    copy.execute("UPDATE ledger SET backed_up_at = ?1", [now.as_second()])?;
    Ok(())
}

/// Copies the file with the rights of the caller: they may differ from those of the owner.
fn deliver(copy: &TempPath, to: &Path) -> io::Result<()> {
    let mut from = File::open(copy)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let written = io::copy(&mut from, &mut file).and_then(|_| file.sync_all());
    if written.is_err() {
        // Half a backup is worse than none.
        let _ = fs::remove_file(to);
    }
    written
}
