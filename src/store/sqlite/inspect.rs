//! The operator's questions to a SQLite file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};
use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::{bounded, words};
use crate::store::{
    StoreError, TablePrefix,
    inspection::{Inspection, Prepared, Rights, SQLITE, ServerFacts, Source},
    rows::Cells,
};

/// The operator's queries may take longer than a request.
const PATIENCE: Duration = Duration::from_secs(20);

struct File {
    connection: Arc<Mutex<Connection>>,
    place: String,
}

/// Opens a file for the operator's queries. Reads no data yet.
///
/// # Errors
///
/// [`StoreError::NoFile`] if it cannot be opened or is not a database.
pub fn inspect_sqlite(path: &Path, prefix: &TablePrefix) -> Result<Inspection, StoreError> {
    let place = path.display().to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .and_then(|connection| {
            connection.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(()))?;
            Ok(connection)
        })
        .map_err(|error| StoreError::NoFile { place: place.clone(), reason: words(&error) })?;
    let file = File { connection: Arc::new(Mutex::new(connection)), place };
    Ok(Inspection::new(Box::new(file), prefix.clone(), &SQLITE))
}

impl File {
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let deadline = Instant::now() + PATIENCE;
        let connection = timeout_at(deadline, Arc::clone(&self.connection).lock_owned());
        let connection = connection.await.map_err(|_| StoreError::Timeout {
            place: self.place.clone(),
            awaited: "connection",
            limit: PATIENCE,
        })?;
        let broken = |reason| StoreError::Broken { place: self.place.clone(), reason };
        spawn_blocking(move || bounded(connection, deadline, job))
            .await
            .map_err(|_| broken("a reading thread stopped".to_owned()))?
            .map_err(|error| broken(words(&error)))
    }
}

#[async_trait]
impl Source for File {
    async fn ask(&self, statement: String) -> Result<Vec<Vec<String>>, StoreError> {
        self.read(move |db| {
            let mut statement = db.prepare(&statement)?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            let mut texts = Vec::new();
            while let Some(mut row) = rows.next()? {
                texts.push((0..columns).map(|column| row.text(column)).collect());
            }
            Ok(texts)
        })
        .await
    }

    async fn prepares(&self, statement: String) -> Result<Prepared, StoreError> {
        self.read(move |db| {
            Ok(match db.prepare(&statement) {
                Ok(_) => Prepared::Yes,
                Err(error) if words(&error).contains("no such table") => Prepared::NoTable,
                Err(error) if words(&error).contains("no such column") => Prepared::NoColumn,
                Err(error) => return Err(error),
            })
        })
        .await
    }

    async fn server(&self, _users: &str) -> Result<ServerFacts, StoreError> {
        let version = format!("SQLite {}", rusqlite::version());
        Ok(ServerFacts { version, ..ServerFacts::default() })
    }

    async fn rights(&self) -> Result<Option<Rights>, StoreError> {
        Ok(None)
    }
}
