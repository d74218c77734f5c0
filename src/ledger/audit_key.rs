//! The key of the audit log, in a file outside the ledger: `audit.key` beside it.
//!
//! A backup of the ledger does not have it. It is made with the first row, and never again: a new
//! key would hide that the rows before it can no longer be vouched for.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit};
use rustls::crypto::ring::default_provider;
use sha2::Sha256;

use super::LedgerError;

/// The length of a key that is made here.
const LENGTH: usize = 32;

/// The key, which no log shows.
pub struct AuditKey(Hmac<Sha256>);

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(REDACTED)")
    }
}

impl AuditKey {
    /// Returns the place of the key of a ledger.
    #[must_use]
    pub fn place(ledger: &Path) -> PathBuf {
        ledger.with_file_name("audit.key")
    }

    /// Reads the key of a ledger. It is made if the log has no rows yet: rows must not go on by
    /// another key unnoticed.
    ///
    /// # Errors
    /// [`LedgerError::AuditKey`] if it is missing, too short or cannot be read.
    pub(super) fn of_log(ledger: &Path, has_rows: bool) -> Result<Self, LedgerError> {
        let place = Self::place(ledger);
        let failed = |reason: &dyn fmt::Display| LedgerError::AuditKey {
            place: place.display().to_string(),
            reason: reason.to_string(),
        };
        if !has_rows && !place.exists() {
            make(&place).map_err(|reason| failed(&reason))?;
        }
        let bytes = fs::read(&place).map_err(|reason| failed(&reason))?;
        if bytes.len() < LENGTH {
            return Err(failed(&format_args!("it has fewer than {LENGTH} bytes")));
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|reason| failed(&reason))
    }

    /// Begins an HMAC.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.0.clone()
    }
}

/// Writes a new key beside its place, and gives it its name when it is complete. The file is
/// readable by its owner only.
fn make(place: &Path) -> io::Result<()> {
    let mut key = [0; LENGTH];
    default_provider()
        .secure_random
        .fill(&mut key)
        .map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let folder = place.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".audit-key-").tempfile_in(folder)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(place)?;
    File::open(folder)?.sync_all()
}
