//! The store on SQLite, for `demo` and for tests.
//!
//! Only the application names it. One connection that cannot write, used by one call at a time
//! away from the async threads. Unlike Joomla's own database it matches names exactly or but
//! for the case of ASCII letters: accents, blanks at the end and invisible characters count.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, named_params};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

mod cells;
mod inspect;

pub use inspect::inspect_sqlite;

use super::{
    Account, Answer, EndpointRows, Joomla, Session, SiteRows, StoreError, StoredHash, TABLES,
    TablePrefix, User, endpoint_rows, plugin_row,
    queries::{self, Dialect, Queries, shape_probes},
    rows::{self, Cells},
    session_row,
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
    queries: Arc<Queries>,
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
    pub(in crate::joomla) fn open_snapshot(
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
            queries: Arc::new(queries),
        })
    }

    /// Does a reading job on the connection, away from the async threads; SQLite itself stops
    /// at the deadline, even when nobody waits for the answer any more.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, &Queries) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + self.limit;
        let connection = timeout_at(deadline, self.connection.clone().lock_owned())
            .await
            .map_err(|_| self.timeout("connection"))?;
        let queries = self.queries.clone();
        let reading = spawn_blocking(move || bounded(connection, deadline, |db| job(db, &queries)));
        match reading.await {
            Ok(read) => read.map_err(|error| self.explain(&error)),
            // The process ends: that is no failure of the database, and nobody hears the answer.
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

impl Joomla for SqliteStore {
    fn users_by_email<'a>(&'a self, email: &'a str) -> Answer<'a, Vec<User>> {
        Box::pin(async move {
            if email.len() > LONGEST_NAME {
                return Ok(Vec::new());
            }
            let sent = email.to_owned();
            let found = self.read(move |db, queries| {
                let plus = user::with_plus(&sent);
                let params = named_params! { ":sent": sent, ":plus": plus };
                collect(db, &queries.users_by_email, params, rows::user)
            });
            Ok(user::users(found.await?, email))
        })
    }

    fn users_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Vec<Account>> {
        Box::pin(async move {
            if username.len() > LONGEST_NAME {
                return Ok(Vec::new());
            }
            let sent = username.to_owned();
            let found = self.read(move |db, queries| {
                let params = named_params! { ":sent": sent };
                let account = |row: &mut dyn Cells| rows::account(row, queries.shape.second_factor);
                collect(db, &queries.users_by_username, params, account)
            });
            Ok(user::accounts(found.await?, username))
        })
    }

    fn user_by_id(&self, id: i64) -> Answer<'_, Option<User>> {
        Box::pin(async move {
            let found = self.read(move |db, queries| {
                collect(db, &queries.user_by_id, named_params! { ":id": id }, rows::user)
            });
            Ok(user::by_id(found.await?).into_iter().next())
        })
    }

    fn recent_hashes(&self) -> Answer<'_, Vec<StoredHash>> {
        Box::pin(self.read(|db, queries| {
            collect(db, &queries.recent_hashes, &[], |row| Some(rows::hash(row)))
        }))
    }

    fn highest_user(&self) -> Answer<'_, i64> {
        Box::pin(self.read(|db, queries| {
            let found = collect(db, &queries.highest_user, &[], |row| row.number(0))?;
            Ok(found.into_iter().next().unwrap_or(0))
        }))
    }

    fn users_from(&self, first: i64, group: Option<u32>) -> Answer<'_, Vec<User>> {
        Box::pin(async move {
            let found = self.read(move |db, queries| {
                if let Some(group) = group {
                    let params = named_params! { ":first": first, ":group": group };
                    collect(db, &queries.members_from, params, rows::user)
                } else {
                    let params = named_params! { ":first": first };
                    collect(db, &queries.users_from, params, rows::user)
                }
            });
            Ok(user::by_id(found.await?))
        })
    }

    fn site_rows(&self) -> Answer<'_, SiteRows> {
        Box::pin(self.read(|db, queries| {
            Ok(SiteRows::assemble(
                collect(db, &queries.extensions, &[], rows::extension)?,
                collect(db, &queries.usergroups, &[], rows::group)?,
                collect(db, &queries.viewlevels, &[], rows::view_level)?,
                queries.shape,
            ))
        }))
    }

    fn group_titles(&self) -> Answer<'_, BTreeMap<u32, String>> {
        Box::pin(async move {
            let found = self
                .read(|db, queries| collect(db, &queries.usergroup_titles, &[], rows::group_title));
            Ok(found.await?.into_iter().collect())
        })
    }

    fn endpoint_rows(&self) -> Answer<'_, EndpointRows> {
        Box::pin(self.read(|db, queries| {
            let mut found =
                EndpointRows { menu_is_hidden: queries.menu.is_none(), ..EndpointRows::default() };
            if let Some(statement) = &queries.menu {
                found.menu = collect(db, statement, &[], endpoint_rows::menu_item)?;
            }
            if let Some(statement) = &queries.languages {
                found.languages = collect(db, statement, &[], endpoint_rows::language)?;
            }
            Ok(found)
        }))
    }

    fn session<'a>(&'a self, id: &'a [u8]) -> Answer<'a, Option<Session>> {
        // Ids are ASCII; SQLite holds a text and the same bytes for two things.
        let id = String::from_utf8_lossy(id).into_owned();
        Box::pin(async move {
            let found = self.read(move |db, queries| match &queries.session {
                None => Err(rusqlite::Error::QueryReturnedNoRows),
                Some(statement) => {
                    collect(db, statement, named_params! { ":session": id }, session_row::session)
                }
            });
            Ok(found.await?.into_iter().next())
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(
            self.read(|db, statements| {
                collect(db, &statements.ping, &[], |_| Some(())).map(|_| ())
            }),
        )
    }
}

fn collect<T>(
    db: &Connection,
    statement: &str,
    params: &[(&str, &dyn ToSql)],
    convert: impl Fn(&mut dyn Cells) -> Option<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params)?;
    let mut converted = Vec::new();
    while let Some(mut row) = rows.next()? {
        converted.extend(convert(&mut row));
    }
    Ok(converted)
}

/// SQLite's words, without the statement.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        _ => error.to_string(),
    }
}

fn first_missing(connection: &Connection, prefix: &TablePrefix) -> Option<String> {
    TABLES.iter().map(|name| prefix.table(name)).find(|table| {
        let sql = "SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE";
        connection.query_row(sql, [table], |_| Ok(())).is_err()
    })
}

/// The prefixes of the sites in the file.
fn prefixes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get::<_, String>(0))?
        .filter_map(|name| {
            let prefix = name.map(|n| n.strip_suffix("user_usergroup_map").map(str::to_owned));
            prefix.transpose()
        })
        .collect()
}
