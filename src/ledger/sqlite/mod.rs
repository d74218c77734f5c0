//! The ledger in a file of SQLite, on a thread of its own.
//!
//! The thread takes one job after the other, so no request waits for a disk on the threads that
//! answer. Several processes may have the file open: SQLite's locks keep them apart.
//!
//! - `owner`: files belong to the owner of the ledger, also if root runs a command.
//! - `migrate`: makes the tables, and brings old ones up to date.
//! - `inspect`: looks whether a service could use it.
//! - `releases`: the rows of releases.
//! - `stamp`: tells without a query whether the file was written to.
//! - `backup`, `restore`, `export`: copies of a ledger in use.

mod backup;
mod export;
mod inspect;
mod migrate;
mod owner;
mod releases;
mod restore;
mod stamp;

pub use self::inspect::inspect;
pub use self::restore::Restored;
pub use self::stamp::WriteStamp;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use futures_util::future::BoxFuture;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use self::migrate::version;
use super::{Added, Confirmed, Ledger, LedgerError, LedgerStatus};
use crate::release::record::{ReleaseRecord, ReleaseState};
use crate::supervise::let_too_large_writes_fail;

/// Jobs that may wait for the thread.
const WAITING: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A ledger in a file. The thread ends with it.
#[derive(Debug, Clone)]
pub struct SqliteLedger {
    jobs: SyncSender<Job>,
    path: PathBuf,
}

impl SqliteLedger {
    /// Opens the ledger, and makes it if the file does not exist.
    ///
    /// # Errors
    /// Everything [`LedgerError`] has about opening.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        let_too_large_writes_fail();
        let (jobs, waiting) = sync_channel::<Job>(WAITING);
        let (ready, opened) = oneshot::channel();
        let file = path.to_owned();
        let started = thread::Builder::new().name("ledger".into()).spawn(move || {
            let mut connection = match connect(&file) {
                Ok(connection) => connection,
                // An answer is not needed by a caller that has gone.
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(()));
            for job in waiting {
                job(&mut connection);
            }
        });
        let place = || path.display().to_string();
        started.map_err(|reason| LedgerError::File { what: "open", place: place(), reason })?;
        opened.await.map_err(|_| LedgerError::Busy { place: place() })??;
        Ok(Self { jobs, path: path.to_owned() })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// Runs a job on the thread of the ledger. The answer comes after its end.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = answer.send(job(connection));
        });
        let busy = || LedgerError::Busy { place: self.place() };
        self.jobs.try_send(job).map_err(|_| busy())?;
        answered.await.map_err(|_| busy())
    }

    /// Runs reads or writes of SQLite.
    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.run(job).await?.map_err(|error| LedgerError::broken(&self.place(), &error))
    }
}

/// Opens the file as its owner, durable at each commit.
fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let place = path.display().to_string();
    owner::become_owner_of(path).map_err(|reason| LedgerError::File {
        what: "open",
        place: place.clone(),
        reason,
    })?;
    // SQLite itself would let others read it. If this fails, SQLite says why.
    let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)
        .map_err(|error| LedgerError::open(&place, &error))?;
    migrate::up_to_date(&mut connection, &place)?;
    Ok(connection)
}

impl Ledger for SqliteLedger {
    fn releases(&self) -> BoxFuture<'_, Result<Vec<ReleaseRecord>, LedgerError>> {
        Box::pin(self.ask(|connection| releases::all(connection)))
    }

    fn revision(&self) -> BoxFuture<'_, Result<i64, LedgerError>> {
        Box::pin(self.ask(|connection| number(connection, "SELECT revision FROM ledger")))
    }

    fn add_release(
        &self,
        new: ReleaseRecord,
        is_adopted: bool,
    ) -> BoxFuture<'_, Result<Added, LedgerError>> {
        Box::pin(self.ask(move |connection| {
            write(connection, |write| releases::add(write, &new, is_adopted))
        }))
    }

    fn set_release_state(
        &self,
        changed: &ReleaseRecord,
        before: ReleaseState,
        _actor: &str,
    ) -> BoxFuture<'_, Result<bool, LedgerError>> {
        let changed = changed.clone();
        Box::pin(self.ask(move |connection| {
            write(connection, |write| releases::set_state(write, &changed, before))
        }))
    }

    fn status(&self) -> BoxFuture<'_, Result<LedgerStatus, LedgerError>> {
        Box::pin(self.ask(|connection| {
            // All numbers are of one moment.
            let read = connection.transaction()?;
            Ok(LedgerStatus {
                schema: version(&read)?,
                epoch: number(&read, "SELECT epoch FROM ledger")?,
                revision: number(&read, "SELECT revision FROM ledger")?,
                releases: number(&read, "SELECT COUNT(*) FROM releases")?,
                tokens: number(&read, "SELECT COUNT(*) - COUNT(revoked_at) FROM tokens")?,
                suspended_tokens: number(&read, SUSPENDED)?,
                audit_rows: number(&read, "SELECT COUNT(*) FROM audit")?,
                damage: damage(&read)?,
            })
        }))
    }

    fn confirm(&self) -> BoxFuture<'_, Result<Confirmed, LedgerError>> {
        Box::pin(self.ask(|connection| {
            let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let tokens = write.execute(CONFIRM, [])?;
            write.execute("UPDATE ledger SET revision = revision + 1", [])?;
            let revision = number(&write, "SELECT revision FROM ledger")?;
            write.commit()?;
            Ok(Confirmed { tokens, revision })
        }))
    }
}

const SUSPENDED: &str = include_str!("../../../sql/ledger/sqlite/suspended_tokens.sql");
const CONFIRM: &str = include_str!("../../../sql/ledger/sqlite/confirm_tokens.sql");

/// Writes in one transaction, which raises the revision.
fn write<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = job(&write)?;
    write.execute("UPDATE ledger SET revision = revision + 1", [])?;
    write.commit()?;
    Ok(done)
}

fn number(connection: &Connection, query: &str) -> rusqlite::Result<i64> {
    connection.query_row(query, [], |row| row.get(0))
}

/// The damage that SQLite finds in the file; empty for a sound one.
fn damage(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check(10)")?;
    let found: rusqlite::Result<Vec<String>> = check.query_map([], |row| row.get(0))?.collect();
    Ok(found?.into_iter().filter(|line| line != "ok").collect())
}
