//! A copy of the data for answers, for use while the database has failed.
//!
//! The application opens a database that can be copied ([`CopySource`]) by [`Failover::open`] and
//! runs the [`Watcher`] beside it: it copies on a schedule, decides when the database counts as
//! failed, and selects the store that answers. Requests only use the trait [`Joomla`]. The rules
//! for a failure, and for answers during one, are in `docs/operations.md`, "When the database is
//! gone". Must not import: `release`, `packages`, `methods`, `http`.

mod copy_store;
mod failover;
mod open;
mod rows;
mod schedule;
mod standby_copy;
mod watch;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;

pub use failover::{Failover, OpenDatabase, Opening};
pub use open::OpenedDatabase;
pub(super) use rows::{Cell, CopiedRow, Copying, Table};
pub use standby_copy::{StandbyCopy, Unusable};
pub use watch::{Handover, Watcher};
pub use writer::WriteError;

use super::{Joomla, StoreError, TablePrefix};

/// How snapshots are taken and used.
#[derive(Debug, Clone)]
pub struct StandbySettings {
    /// The file; its folder takes the one that is being written, too.
    pub file: PathBuf,
    /// Time from one copy to the next.
    pub every: Duration,
    /// The age from which a snapshot is no longer used.
    pub max_age: Duration,
    /// Whether password hashes are copied.
    pub passwords: bool,
    /// Names the site: server, database and prefix. A snapshot of another one is not used.
    pub site: String,
    /// The prefix of the site's tables.
    pub prefix: TablePrefix,
    /// How long reading the snapshot may take.
    pub limit: Duration,
}

impl StandbySettings {
    /// The folder of the file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }
}

/// The substitute for a database that has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyState {
    /// Whether it answers now.
    pub answers: bool,
    /// Its age; if there is none yet, the time since it was first needed.
    pub age: Duration,
    /// The age from which it is no longer used.
    pub max_age: Duration,
}

/// A database that can be copied.
#[async_trait]
pub trait CopySource: Joomla {
    /// Checks whether accounts can be read now, on a connection of its own: a delay of the others
    /// must not look like a failure.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Hands over everything a snapshot holds, as of one moment as far as the tables' engine can.
    async fn copy(&self, passwords: bool, to: &Copying) -> Result<(), StoreError>;
}
