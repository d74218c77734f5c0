//! Looks whether a service could use a ledger, for `check`. Nothing is written.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Access, access};

use super::migrate;
use crate::ledger::LedgerError;

/// Looks at the file of a ledger, or at its folder if there is no file yet, with the rights of the
/// caller. `None`: the service will make it.
///
/// # Errors
/// [`LedgerError`]: a service would fail with the same.
pub fn inspect(path: &Path) -> Result<Option<u32>, LedgerError> {
    let place = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new("/"));
    let is_there = path.exists();
    let refused = |reason: rustix::io::Errno| LedgerError::Open {
        place: place.clone(),
        reason: std::io::Error::from(reason).to_string(),
        advice: "let its folder exist and belong to the service's user; run `check` as that user",
    };
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(refused)?;
    if !is_there {
        return Ok(None);
    }
    access(path, Access::READ_OK | Access::WRITE_OK).map_err(refused)?;
    // The folder of a ledger in use has its journal; without one nothing is made beside the file.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| LedgerError::open(&place, &error))?;
    migrate::known_version(&connection, &place).map(Some)
}
