//! The store on SQLite, for `demo` and for tests.
//!
//! Only the application names it. One connection that cannot write, used by one call at a time
//! away from the async threads. Unlike Joomla's own database it matches names exactly or but
//! for the case of ASCII letters: accents, blanks at the end and invisible characters count.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode, OpenFlags, named_params};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

mod accounts;
mod cells;
mod inspect;
mod session_times;
mod site;
mod tables;

pub use inspect::inspect_sqlite;
pub use session_times::SqliteSessionTimes;

use self::accounts::{accounts, collect};
use self::site::SqliteSite;
use self::tables::{first_missing, prefixes};

use super::{
    Account, EndpointRows, Ids, Joomla, MemberSpan, Oddity, Session, SiteRows, StoreError,
    StoredHash, TablePrefix, User,
    bounds::{BoundedRows, Told},
    endpoint_rows, plugin_row,
    queries::{self, Dialect, Queries, shape_probes},
    rows::{self, Cells},
    samples, session_row,
    user::{self, LONGEST_NAME},
    version::Shape,
};

/// Between two looks at the clock SQLite does this many steps, well below a millisecond.
const STEPS: std::ffi::c_int = 1000;

/// The name SQLite itself has for the database of a file.
const MAIN: &str = "main";

/// A Joomla database on SQLite.
pub struct SqliteStore {
    connection: Arc<Mutex<Connection>>,
    place: String,
    limit: Duration,
    site: Arc<SqliteSite>,
}

impl SqliteStore {
    /// Opens a database file. No call takes longer than `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoFile`] when the file cannot be opened, [`StoreError::NoTable`] and
    /// [`StoreError::NotJoomla`] when it does not hold a Joomla site with this prefix.
    pub fn open(path: &Path, prefix: &TablePrefix, limit: Duration) -> Result<Self, StoreError> {
        Self::open_with(path, prefix, limit, &queries::SQLITE)
    }

    /// Opens a snapshot of a site's database, in which names match byte by byte.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`].
    pub(in crate::store) fn open_snapshot(
        path: &Path,
        prefix: &TablePrefix,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        Self::open_with(path, prefix, limit, &queries::EXACT)
    }

    fn open_with(
        path: &Path,
        prefix: &TablePrefix,
        limit: Duration,
        dialect: &Dialect,
    ) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .and_then(|connection| {
                // A file is only read when it is first asked for something.
                connection.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(()))?;
                Ok(connection)
            })
            .map_err(|error| StoreError::NoFile { place: place.clone(), reason: words(&error) })?;
        Self::new(connection, place, prefix, limit, dialect)
    }

    /// A database in memory, made by a script in which `#__` stands for the prefix.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::open`], and [`StoreError::Broken`] when the script fails.
    pub fn in_memory(
        script: &str,
        prefix: &TablePrefix,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        let place = "memory".to_owned();
        let connection = Connection::open_in_memory()
            .and_then(|connection| {
                connection.execute_batch(&prefix.statement(script))?;
                Ok(connection)
            })
            .map_err(|error| StoreError::Broken { place: place.clone(), reason: words(&error) })?;
        Self::new(connection, place, prefix, limit, &queries::SQLITE)
    }

    /// Makes a new database file by a script in which `#__` stands for the prefix.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoFile`] when the file cannot be written, [`StoreError::Broken`] when the
    /// script fails.
    pub fn create(path: &Path, script: &str, prefix: &TablePrefix) -> Result<(), StoreError> {
        let place = path.display().to_string();
        let connection = Connection::open(path)
            .map_err(|error| StoreError::NoFile { place: place.clone(), reason: words(&error) })?;
        connection
            .execute_batch(&prefix.statement(script))
            .map_err(|error| StoreError::Broken { place, reason: words(&error) })
    }

    fn new(
        connection: Connection,
        place: String,
        prefix: &TablePrefix,
        limit: Duration,
        dialect: &Dialect,
    ) -> Result<Self, StoreError> {
        let broken = |error: rusqlite::Error| StoreError::Broken {
            place: place.clone(),
            reason: words(&error),
        };
        connection.pragma_update(None, "query_only", true).map_err(broken)?;
        if let Some(table) = first_missing(&connection, prefix) {
            return Err(StoreError::NoTable {
                prefixes: prefixes(&connection).map_err(broken)?,
                database: MAIN.to_owned(),
                place,
                table,
            });
        }
        let mut shape = Shape::default();
        for probe in shape_probes(prefix) {
            if connection.prepare(&probe.statement).is_ok() {
                (probe.note)(&mut shape);
            }
        }
        let extensions = prefix.statement(queries::EXTENSIONS);
        let extensions = collect(&connection, &extensions, &[], rows::extension);
        let version = plugin_row::version(extensions.unwrap_or_default());
        let queries = Queries::new(prefix, dialect, shape.at(version));
        for statement in queries.all() {
            connection.prepare(statement).map_err(|error| StoreError::NotJoomla {
                place: place.clone(),
                database: MAIN.to_owned(),
                reason: words(&error),
            })?;
        }
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            place,
            limit,
            site: Arc::new(SqliteSite { queries, told: Told::default() }),
        })
    }

    /// Runs a reading job on the connection, away from the async threads; SQLite itself stops at
    /// the deadline, even if no caller waits for the answer any more.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, &SqliteSite) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.limit;
        let connection = timeout_at(deadline, self.connection.clone().lock_owned())
            .await
            .map_err(|_| self.timeout("connection"))?;
        let site = self.site.clone();
        let reading = spawn_blocking(move || bounded(connection, deadline, |db| job(db, &site)));
        match reading.await {
            Ok(read) => read.map_err(|error| self.explain(&error)),
            // The process is shutting down: that is not a failure of the database, and no caller is
            // left.
            Err(stopped) if stopped.is_cancelled() => std::future::pending().await,
            Err(_) => Err(StoreError::Broken {
                place: self.place.clone(),
                reason: "a reading thread stopped".to_owned(),
            }),
        }
    }

    fn explain(&self, error: &rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::OperationInterrupted
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => self.timeout("answer"),
            code => StoreError::Broken {
                place: self.place.clone(),
                reason: code.map_or("an unexpected answer".to_owned(), |c| format!("{c:?}")),
            },
        }
    }

    fn timeout(&self, awaited: &'static str) -> StoreError {
        StoreError::Timeout { place: self.place.clone(), awaited, limit: self.limit }
    }
}

fn bounded<T>(
    mut connection: OwnedMutexGuard<Connection>,
    deadline: Instant,
    job: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.busy_timeout(deadline.saturating_duration_since(Instant::now()))?;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= deadline))?;
    job(&connection)
}

#[async_trait]
impl Joomla for SqliteStore {
    async fn users_by_email(&self, email: &str) -> Result<Vec<User>, StoreError> {
        if email.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let sent = email.to_owned();
        let found = self.read(move |db, site| {
            let plus = user::with_plus(&sent);
            let params = named_params! { ":sent": sent, ":plus": plus };
            accounts(db, site, &site.queries.users_by_email, params, rows::user)
        });
        Ok(user::users(found.await?, email))
    }

    async fn users_by_username(&self, username: &str) -> Result<Vec<Account>, StoreError> {
        if username.len() > LONGEST_NAME {
            return Ok(Vec::new());
        }
        let sent = username.to_owned();
        let found = self.read(move |db, site| {
            let params = named_params! { ":sent": sent };
            let factor = site.queries.shape.second_factor;
            let account = |row: &mut dyn Cells| rows::account(row, factor);
            accounts(db, site, &site.queries.users_by_username, params, account)
        });
        Ok(user::accounts(found.await?, username))
    }

    async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError> {
        let found = self.read(move |db, site| {
            let params = named_params! { ":id": id };
            accounts(db, site, &site.queries.user_by_id, params, rows::user)
        });
        Ok(user::by_id(found.await?).into_iter().next())
    }

    async fn recent_hashes(&self) -> Result<Vec<StoredHash>, StoreError> {
        self.read(|db, site| {
            collect(db, &site.queries.recent_hashes, &[], |row| Some(rows::hash(row)))
        })
        .await
    }

    async fn highest_user(&self) -> Result<i64, StoreError> {
        self.read(|db, site| {
            let found = collect(db, &site.queries.highest_user, &[], |row| row.number(0))?;
            Ok(found.into_iter().next().unwrap_or(0))
        })
        .await
    }

    async fn users_from(&self, first: i64) -> Result<Vec<User>, StoreError> {
        let found = self.read(move |db, site| {
            let params = named_params! { ":first": first };
            accounts(db, site, &site.queries.users_from, params, rows::user)
        });
        Ok(user::by_id(found.await?))
    }

    async fn members_between(&self, group: u32, ids: Ids) -> Result<Vec<User>, StoreError> {
        let found = self.read(move |db, site| {
            let params = named_params! { ":group": group, ":first": ids.first, ":last": ids.last };
            accounts(db, site, &site.queries.members_between, params, rows::user)
        });
        Ok(user::by_id(found.await?))
    }

    async fn member_spans(&self, groups: &[u32], ids: Ids) -> Result<Vec<MemberSpan>, StoreError> {
        let groups = groups.to_vec();
        self.read(move |db, site| {
            let statement = site.queries.looks.member_spans(&groups);
            let params = named_params! { ":first": ids.first, ":last": ids.last };
            collect(db, &statement, params, samples::member_span)
        })
        .await
    }

    async fn odd_user(&self, oddity: &Oddity, ids: Ids) -> Result<Option<i64>, StoreError> {
        let oddity = oddity.clone();
        self.read(move |db, site| {
            let statement = site.queries.looks.odd_user(&oddity);
            let params = named_params! { ":first": ids.first, ":last": ids.last };
            let found = collect(db, &statement, params, |row| row.number(0))?;
            Ok(found.into_iter().next())
        })
        .await
    }

    async fn site_rows(&self) -> Result<SiteRows, StoreError> {
        self.read(|db, SqliteSite { queries, told }| {
            Ok(SiteRows::assemble(
                told.cut(
                    BoundedRows::Extensions,
                    collect(db, &queries.extensions, &[], rows::extension)?,
                ),
                told.cut(
                    BoundedRows::UserGroups,
                    collect(db, &queries.usergroups, &[], rows::group)?,
                ),
                told.cut(
                    BoundedRows::ViewLevels,
                    collect(db, &queries.viewlevels, &[], rows::view_level)?,
                ),
                queries.shape,
            ))
        })
        .await
    }

    async fn group_titles(&self) -> Result<BTreeMap<u32, String>, StoreError> {
        let found = self
            .read(|db, site| collect(db, &site.queries.usergroup_titles, &[], rows::group_title));
        Ok(found.await?.into_iter().collect())
    }

    async fn endpoint_rows(&self) -> Result<EndpointRows, StoreError> {
        self.read(|db, SqliteSite { queries, told }| {
            let mut found =
                EndpointRows { menu_is_hidden: queries.menu.is_none(), ..EndpointRows::default() };
            if let Some(statement) = &queries.menu {
                let items = collect(db, statement, &[], endpoint_rows::menu_item)?;
                found.menu = endpoint_rows::by_id(told.cut(BoundedRows::MenuItems, items));
            }
            if let Some(statement) = &queries.languages {
                let languages = collect(db, statement, &[], endpoint_rows::language)?;
                found.languages = told.cut(BoundedRows::Languages, languages);
            }
            Ok(found)
        })
        .await
    }

    async fn session(&self, id: &[u8]) -> Result<Option<Session>, StoreError> {
        // Ids are ASCII; SQLite holds a text and the same bytes for two things.
        let id = String::from_utf8_lossy(id).into_owned();

        let found = self.read(move |db, site| match &site.queries.session {
            None => Err(rusqlite::Error::QueryReturnedNoRows),
            Some(statement) => {
                collect(db, statement, named_params! { ":session": id }, session_row::session)
            }
        });
        Ok(found.await?.into_iter().next())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|db, site| collect(db, &site.queries.ping, &[], |_| Some(())).map(|_| ())).await
    }
}

/// SQLite's words, without the statement.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        _ => error.to_string(),
    }
}
