//! A copy of what answers are made of, for the time when the database has failed.
//!
//! The application opens a database that can be copied ([`CopySource`]) by [`Failover::open`] and
//! runs the [`Watcher`] beside it: it copies on a schedule, decides when the database counts as
//! failed, and says which store answers. Requests only ever see the trait [`Joomla`]. What counts
//! as failed, and what is answered then, is `docs/operations.md`, "When the database is gone". Must
//! not import: `release`, `packages`, `methods`, `http`.

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

pub use failover::{Failover, OpenDatabase, Opening};
pub use open::OpenedDatabase;
pub(super) use rows::{Cell, CopiedRow, Copying, Table};
pub use standby_copy::{StandbyCopy, Unusable};
pub use watch::{Handover, Watcher};
pub use writer::WriteError;

use super::{BoxFuture, Joomla, TablePrefix};

/// How snapshots are taken and used.
#[derive(Debug, Clone)]
pub struct StandbySettings {
    /// The file; its folder takes the one that is being written, too.
    pub file: PathBuf,
    /// Time from one copy to the next.
    pub every: Duration,
    /// The age from which a snapshot answers nothing any more.
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

/// What can answer in place of a database that has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyState {
    /// Whether it answers now.
    pub answers: bool,
    /// Its age; where there is none yet, the time since it was first wanted.
    pub age: Duration,
    /// The age from which it answers nothing any more.
    pub max_age: Duration,
}

/// A database that can be copied.
pub trait CopySource: Joomla {
    /// Whether accounts can be read now, asked on a connection of its own: what holds the others
    /// up must not look like a failure.
    fn probe(&self) -> BoxFuture<'_, ()>;

    /// Hands over everything a snapshot holds, as of one moment as far as the tables' engine can.
    fn copy<'a>(&'a self, passwords: bool, to: &'a Copying) -> BoxFuture<'a, ()>;
}
