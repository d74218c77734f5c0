//! Writes a snapshot: beside the one there is, and in its place only when it is whole.
//!
//! The schedule calls it, off the async threads. A file that is not finished, for whatever reason,
//! is thrown away. Must not import: `mysql_async`.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use tokio::sync::mpsc::Receiver;

use super::StandbySettings;
use super::rows::{Cell, CopiedRow, CopyPart, Table};
use super::standby_copy::{self, RowCounts};
use crate::store::TablePrefix;
use crate::store::version::{ExtensionsTable, MenuTable, SecondFactor, Shape};

const TABLES: &str = include_str!("../../../sql/snapshot_sqlite.sql");

/// Only the service's user may read accounts.
const OWNER_ONLY: u32 = 0o600;

/// Why there is no new snapshot. The one there was is still in its place.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The system refuses.
    #[error("cannot write the snapshot `{}`: {reason}: see the folder's rights and free space", .file.display())]
    System {
        /// The file.
        file: PathBuf,
        /// The system's error.
        reason: String,
    },
    /// A table is empty that must not be, or was not before.
    #[error(
        "the database gave no {what} for the standby copy `{}`: the former one stays; if that is \
         meant so, delete it", .file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
        /// The missing part.
        what: &'static str,
    },
    /// Another process, or a former configuration of this one, is writing the same file.
    #[error("the snapshot `{}` is being written by another bridge", .file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// Reading the database came to no end; the reader says why.
    #[error("the rows for the snapshot ended before their time")]
    CutOff,
}

/// Writes the parts, up to their end, and puts the file in place. `taken_at` is when reading began,
/// in Unix time. Returns the number of accounts.
pub(super) fn write(
    settings: &StandbySettings,
    taken_at: i64,
    mut pieces: Receiver<CopyPart>,
) -> Result<u64, WriteError> {
    let system = |error: io::Error| WriteError::System {
        file: settings.file.clone(),
        reason: error.to_string(),
    };
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(OWNER_ONLY)
        .open(beside(&settings.file, ".lock"))
        .map_err(system)?;
    if lock.try_lock().is_err() {
        return Err(WriteError::Busy { file: settings.file.clone() });
    }
    let path = beside(&settings.file, ".new");
    let _ = fs::remove_file(&path);
    let file = OpenOptions::new().create_new(true).write(true).mode(OWNER_ONLY).open(&path);
    let unfinished = Unfinished { path: &path, file: file.map_err(system)? };

    let sqlite = |error: rusqlite::Error| WriteError::System {
        file: settings.file.clone(),
        reason: error.to_string(),
    };
    let Some(CopyPart::Shape(shape)) = pieces.blocking_recv() else {
        return Err(WriteError::CutOff);
    };
    let mut draft = Draft::begin(&path, &settings.prefix, shape).map_err(sqlite)?;
    loop {
        match pieces.blocking_recv() {
            Some(CopyPart::Rows(table, rows)) => draft.add(table, &rows).map_err(sqlite)?,
            Some(CopyPart::Shape(_)) => {}
            Some(CopyPart::End) => break,
            None => return Err(WriteError::CutOff),
        }
    }
    let counts = draft.counts;
    if let Some(what) = counts.missing(standby_copy::counts(settings)) {
        return Err(WriteError::Empty { file: settings.file.clone(), what });
    }
    draft.finish(settings, taken_at).map_err(sqlite)?;
    unfinished.put_in_place(settings).map_err(system)?;
    Ok(counts.users)
}

/// `snapshot.db` with something appended.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A file that goes again unless it is put in place.
struct Unfinished<'p> {
    path: &'p Path,
    file: File,
}

impl Unfinished<'_> {
    /// The content first, then the name: a power cut leaves the old one or the new one.
    fn put_in_place(self, settings: &StandbySettings) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(self.path, &settings.file)?;
        File::open(settings.folder())?.sync_all()
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // After it was put in place no file has this name.
        let _ = fs::remove_file(self.path);
    }
}

/// A snapshot that is being written.
struct Draft {
    connection: Connection,
    prefix: TablePrefix,
    shape: Shape,
    counts: RowCounts,
}

impl Draft {
    fn begin(path: &Path, prefix: &TablePrefix, shape: Shape) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        // A failed file is deleted as a whole, and a good one is synced as a whole.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        let tables = [TABLES, extras(shape).as_str()].concat();
        connection.execute_batch(&prefix.statement(&tables))?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection, prefix: prefix.clone(), shape, counts: RowCounts::default() })
    }

    fn add(&mut self, table: Table, rows: &[CopiedRow]) -> rusqlite::Result<()> {
        let insert = self.prefix.statement(insert(table));
        let mut insert = self.connection.prepare_cached(&insert)?;
        for row in rows {
            insert.execute(rusqlite::params_from_iter(row.iter().map(value)))?;
        }
        self.counts.add(table, rows);
        Ok(())
    }

    fn finish(self, settings: &StandbySettings, taken_at: i64) -> rusqlite::Result<()> {
        let db = &self.connection;
        if self.shape.has_languages {
            // Languages are read if Joomla's language filter is on, as it was if there are any.
            db.execute_batch(&self.prefix.statement(
                "INSERT INTO `#__extensions` (type, element, folder, enabled)
                 SELECT 'plugin', 'languagefilter', 'system', 1
                 WHERE EXISTS (SELECT 1 FROM `#__languages`)",
            ))?;
        }
        db.execute_batch(&self.prefix.statement(
            "CREATE INDEX `#__users_email` ON `#__users` (email);
             CREATE INDEX `#__users_username` ON `#__users` (username);",
        ))?;
        let RowCounts { users, memberships, usergroups, viewlevels, release_plugins } = self.counts;
        db.execute(
            "INSERT INTO snapshot VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                taken_at,
                settings.site,
                settings.passwords,
                stored(users),
                stored(memberships),
                stored(usergroups),
                stored(viewlevels),
                stored(release_plugins)
            ],
        )?;
        db.execute_batch("COMMIT")?;
        db.pragma_update(None, "application_id", standby_copy::APPLICATION)?;
        db.pragma_update(None, "user_version", standby_copy::FORMAT)?;
        self.connection.close().map_err(|(_, error)| error)
    }
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Number(number) => Value::Integer(*number),
        Cell::Text(bytes) => match String::from_utf8(bytes.clone()) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Blob(error.into_bytes()),
        },
    }
}

/// Returns the columns that differ between sites: in the same words as on the site itself, so that
/// the store finds the same shape.
fn extras(shape: Shape) -> String {
    let mut extras = String::new();
    match shape.extensions {
        ExtensionsTable::Plain => {}
        ExtensionsTable::Joomla3 => extras += "ALTER TABLE `#__extensions` ADD system_data TEXT;",
        ExtensionsTable::Joomla4 => extras += "ALTER TABLE `#__extensions` ADD changelogurl TEXT;",
    }
    match shape.second_factor {
        SecondFactor::Unknown => {}
        SecondFactor::OtpKey => {
            extras += "ALTER TABLE `#__users` ADD otpKey TEXT
                GENERATED ALWAYS AS (CASE WHEN two_factor = 1 THEN '1' ELSE '' END) VIRTUAL;";
        }
        SecondFactor::MfaTable => {
            extras += "CREATE VIEW `#__user_mfa` AS
                SELECT id AS user_id FROM `#__users` WHERE two_factor = 1;";
        }
    }
    if shape.menu != MenuTable::Hidden {
        extras += "CREATE TABLE `#__menu` (
            id INTEGER PRIMARY KEY, path TEXT, type TEXT COLLATE NOCASE, access INTEGER,
            params TEXT, home INTEGER, language TEXT, publish_up TEXT, publish_down TEXT,
            link TEXT DEFAULT 'index.php?option=com_jbackend&view=request',
            client_id INTEGER DEFAULT 0, published INTEGER DEFAULT 1);";
    }
    if shape.has_languages {
        extras += "CREATE TABLE `#__languages` (
            sef TEXT, lang_code TEXT, published INTEGER DEFAULT 1);";
    }
    extras
}

fn insert(table: Table) -> &'static str {
    match table {
        Table::Users => {
            "INSERT INTO `#__users` (id, name, username, email, block, password, two_factor)
             VALUES (?, ?, ?, ?, ?, ?, ?)"
        }
        Table::Memberships => "INSERT INTO `#__user_usergroup_map` VALUES (?, ?)",
        Table::UserGroups => {
            "INSERT INTO `#__usergroups` (id, parent_id, lft, rgt) VALUES (?, ?, ?, ?)"
        }
        Table::ViewLevels => "INSERT INTO `#__viewlevels` VALUES (?, ?)",
        Table::Extensions => {
            "INSERT INTO `#__extensions` (extension_id, type, element, folder, enabled, access,
                 params, manifest_cache)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        }
        Table::Menu => {
            "INSERT INTO `#__menu` (id, path, type, access, params, home, language, publish_up,
                 publish_down)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        }
        Table::Languages => "INSERT INTO `#__languages` (sef, lang_code) VALUES (?, ?)",
    }
}
