//! Writes the times of sessions into an SQLite file, over a connection that is opened for each.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags, named_params};
use tokio::task::spawn_blocking;

use super::words;
use crate::store::{SessionTimes, StoreError, TablePrefix, UsedSession};

/// The times of a site's sessions in an SQLite file.
pub struct SqliteSessionTimes {
    path: PathBuf,
    limit: Duration,
    statement: String,
}

impl SqliteSessionTimes {
    /// Makes the writer; opens no file yet. No write waits longer than `limit` for others.
    #[must_use]
    pub fn new(path: PathBuf, prefix: &TablePrefix, limit: Duration) -> Self {
        let statement = prefix.statement(include_str!("../../../sql/queries/renew_session.sql"));
        Self { path, limit, statement }
    }
}

#[async_trait]
impl SessionTimes for SqliteSessionTimes {
    async fn renew(&self, used: &UsedSession, now: i64) -> Result<(), StoreError> {
        let (path, limit, statement) = (self.path.clone(), self.limit, self.statement.clone());
        let used = used.clone();
        let place = self.path.display().to_string();
        let write = move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(limit)?;
            let (alive, due) = used.due(now);
            let params = named_params! {
                ":now": now, ":session": used.id, ":user": used.user_id, ":alive": alive, ":due": due
            };
            connection.execute(&statement, params).map(|_| ())
        };

        let broken = |reason| StoreError::Broken { place, reason };
        match spawn_blocking(write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(words(&error))),
            Err(_) => Err(broken("a writing thread stopped".to_owned())),
        }
    }
}
