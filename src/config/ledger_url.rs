//! The address of the ledger.
//!
//! Read by `config::operation`, used by `service` and `cli`. Messages do not show the address: it
//! may contain a password.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `sqlite:PATH`; empty for no ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LedgerUrl(Option<PathBuf>);

impl LedgerUrl {
    /// Returns the file of the ledger; `None` if the ledger is switched off.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl TryFrom<String> for LedgerUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.starts_with("mysql:") || text.starts_with("mariadb:") {
            return Err("a ledger on MySQL or MariaDB is not possible in this version: write \
                 `sqlite:/path/to/bridge.db`");
        }
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        match text.strip_prefix("sqlite:").map(Path::new) {
            Some(path) if path.is_absolute() && !text.starts_with("sqlite://") => {
                Ok(Self(Some(path.into())))
            }
            _ => Err("this is not the address of a ledger: write `sqlite:` and the whole path of \
                 its file, for example `sqlite:/var/lib/jbackend-bridge/bridge.db`"),
        }
    }
}
