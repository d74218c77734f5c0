//! A snapshot that was taken: its site, its age, and its contents.
//!
//! The store reads it while the database has failed; so does the check before a site goes live.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};

use super::StandbySettings;
use super::rows::{Cell, CopiedRow, Table};
use crate::store::{Joomla, SqliteStore};
use crate::told::{tells, told};

/// Marks the file as a snapshot of a bridge (`PRAGMA application_id`).
pub(super) const APPLICATION: i32 = 0x6a42_5253;

/// The layout of its tables (`PRAGMA user_version`); a file with another number is not read.
pub(super) const FORMAT: i32 = 1;

/// Clocks are set back by less than this now and then.
const CLOCK_MOVES: Duration = Duration::from_mins(1);

/// Why a snapshot cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is none.
    Missing(PathBuf),
    /// The file cannot be read, or is something else.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The problem.
        reason: String,
    },
    /// Others than the service's user could have written it, or may read it.
    Open(PathBuf),
    /// It is another site's.
    OtherSite {
        /// The file.
        file: PathBuf,
        /// The site it was taken of.
        site: String,
    },
}

tells!(Unusable {
    Self::Missing(it) => told!("there is no snapshot `{}` yet", it.display()),
    Self::Unreadable { file, reason } => told!(
        "`{}` is no snapshot that can be read: {reason}", file.display() =>
        "delete it"
    ),
    Self::Open(it) => told!(
        "the snapshot `{}` is open to others than the service's user", it.display() =>
        "delete it, a new one is written with the right permissions"
    ),
    Self::OtherSite { file, site } => told!(
        "the snapshot `{}` is of another site, `{site}`", file.display() =>
        "name a file of its own for each site in `snapshot_file`, or delete it"
    ),
});

/// A snapshot, open for reading.
pub struct StandbyCopy {
    store: Arc<SqliteStore>,
    at: SystemTime,
    /// When it was taken, by the monotonic clock, if this process took it.
    since: Option<Instant>,
    /// Whether the password hashes are there.
    pub has_passwords: bool,
    /// The number of accounts.
    pub users: u64,
}

impl StandbyCopy {
    /// Opens the file; reads little of it.
    ///
    /// # Errors
    /// [`Unusable`], whatever its age.
    pub fn open(settings: &StandbySettings) -> Result<Self, Unusable> {
        let file = || settings.file.clone();
        let unreadable = |reason: String| Unusable::Unreadable { file: file(), reason };
        let metadata = fs::symlink_metadata(&settings.file);
        let metadata = metadata.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Unusable::Missing(file()),
            _ => unreadable(error.to_string()),
        })?;
        if !metadata.is_file() {
            return Err(unreadable("it is no regular file".to_owned()));
        }
        if metadata.permissions().mode() & 0o077 != 0 || metadata.uid() != own_user() {
            return Err(Unusable::Open(file()));
        }
        let facts = CopyFacts::read(settings).map_err(unreadable)?;
        if facts.site != settings.site {
            return Err(Unusable::OtherSite { file: file(), site: facts.site });
        }
        let store = SqliteStore::open_snapshot(&settings.file, &settings.prefix, settings.limit);
        Ok(Self {
            store: Arc::new(store.map_err(|error| unreadable(error.to_string()))?),
            at: UNIX_EPOCH + Duration::from_secs(facts.taken_at),
            since: None,
            has_passwords: facts.has_passwords,
            users: facts.counts.users,
        })
    }

    /// Notes when it was taken, by the monotonic clock.
    pub(super) fn since(self, began: Instant) -> Self {
        Self { since: Some(began), ..self }
    }

    /// Returns the time since its rows were read; `None` if the clock puts that in the future: the
    /// age is then unknown.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let by_calendar = match SystemTime::now().duration_since(self.at) {
            Ok(age) => age,
            Err(ahead) if ahead.duration() < CLOCK_MOVES => Duration::ZERO,
            Err(_) => return None,
        };
        Some(by_calendar.max(self.since.map_or(Duration::ZERO, |since| since.elapsed())))
    }

    /// Whether the copy is at most this old.
    #[must_use]
    pub fn is_within(&self, max_age: Duration) -> bool {
        self.age().is_some_and(|age| age <= max_age)
    }

    pub(super) fn store(&self) -> Arc<dyn Joomla> {
        Arc::<SqliteStore>::clone(&self.store)
    }
}

/// Rows of each kind that a site cannot do without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RowCounts {
    pub(super) users: u64,
    pub(super) memberships: u64,
    pub(super) usergroups: u64,
    pub(super) viewlevels: u64,
    pub(super) release_plugins: u64,
}

impl RowCounts {
    /// Counts rows of a table.
    pub(super) fn add(&mut self, table: Table, rows: &[CopiedRow]) {
        let count = rows.len() as u64;
        match table {
            Table::Users => self.users += count,
            Table::Memberships => self.memberships += count,
            Table::UserGroups => self.usergroups += count,
            Table::ViewLevels => self.viewlevels += count,
            Table::Extensions => {
                let plugins = rows.iter().filter(|row| is_release_plugin(row));
                self.release_plugins += plugins.count() as u64;
            }
            Table::Menu | Table::Languages => {}
        }
    }

    /// Names rows that must exist, or existed before, and are missing: a database that is being
    /// restored looks like this.
    pub(super) fn missing(self, before: Option<Self>) -> Option<&'static str> {
        let before = before.unwrap_or_default();
        [
            (self.users, 1, "accounts"),
            (self.memberships, before.memberships, "user groups of accounts"),
            (self.usergroups, before.usergroups, "user groups"),
            (self.viewlevels, before.viewlevels, "access levels"),
            (self.release_plugins, before.release_plugins, "row of the release plugin"),
        ]
        .into_iter()
        .find_map(|(now, before, what)| (now == 0 && before > 0).then_some(what))
    }
}

fn is_release_plugin(row: &CopiedRow) -> bool {
    let is = |column: usize, name: &[u8]| match row.get(column) {
        Some(Cell::Text(text)) => text.eq_ignore_ascii_case(name),
        _ => false,
    };
    is(1, b"plugin") && is(2, b"release") && is(3, b"jbackend")
}

/// Returns the counts of the existing snapshot, if it is one of this site.
pub(super) fn counts(settings: &StandbySettings) -> Option<RowCounts> {
    let facts = CopyFacts::read(settings).ok()?;
    (facts.site == settings.site).then_some(facts.counts)
}

/// The row of the table `snapshot`.
struct CopyFacts {
    taken_at: u64,
    site: String,
    has_passwords: bool,
    counts: RowCounts,
}

impl CopyFacts {
    /// Reads them; the error describes the problem with the file.
    fn read(settings: &StandbySettings) -> Result<Self, String> {
        let words = |error: rusqlite::Error| error.to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&settings.file, flags).map_err(words)?;
        let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let kind =
            (pragma("application_id").map_err(words)?, pragma("user_version").map_err(words)?);
        if kind != (APPLICATION, FORMAT) {
            return Err("it was not written by this version of the bridge".to_owned());
        }
        let select = "SELECT taken_at, site, has_passwords, users, memberships, usergroups,
                viewlevels, release_plugins
            FROM snapshot";
        db.query_row(select, [], |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(Self {
                taken_at: count(0)?,
                site: row.get(1)?,
                has_passwords: row.get(2)?,
                counts: RowCounts {
                    users: count(3)?,
                    memberships: count(4)?,
                    usergroups: count(5)?,
                    viewlevels: count(6)?,
                    release_plugins: count(7)?,
                },
            })
        })
        .map_err(words)
    }
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}
