//! Waits for connections and answers, no longer than the settings allow.
//!
//! Used by the files of this folder that ask the server. Must not import: `queries`.

use std::time::Duration;

use mysql_async::{Conn, prelude::Queryable};
use tokio::time::timeout;

use super::failure::{During, explain};
use super::settings::MySqlSettings;
use crate::store::StoreError;

/// How much longer than the server we wait for an answer, so that the server's own limit is
/// heard and the connection can be kept.
pub(super) const GRACE: Duration = Duration::from_millis(200);

impl MySqlSettings {
    /// Waits until a connection is made, or one of a pool is free.
    pub(super) async fn connection(
        &self,
        making: impl Future<Output = mysql_async::Result<Conn>>,
    ) -> Result<Conn, StoreError> {
        match timeout(self.connect_timeout, making).await {
            Ok(connected) => connected.map_err(|error| explain(&error, During::Connect, self)),
            Err(_) => Err(self.no_connection()),
        }
    }

    /// Waits for an answer; an error of the server is an answer, too.
    pub(super) async fn answer<T>(
        &self,
        work: impl Future<Output = mysql_async::Result<T>>,
    ) -> Result<mysql_async::Result<T>, StoreError> {
        timeout(self.query_timeout + GRACE, work).await.map_err(|_| self.no_answer())
    }

    /// Waits for an answer that is no error.
    pub(super) async fn within<T>(
        &self,
        work: impl Future<Output = mysql_async::Result<T>>,
    ) -> Result<T, StoreError> {
        self.answer(work).await?.map_err(|error| explain(&error, During::Query, self))
    }

    /// Checks that the account may run a statement.
    pub(super) async fn try_preparing(
        &self,
        conn: &mut Conn,
        statement: &str,
    ) -> Result<(), StoreError> {
        let prepared = timeout(self.query_timeout, conn.prep(statement)).await;
        let prepared = prepared.map_err(|_| self.no_answer())?;
        prepared.map(drop).map_err(|error| explain(&error, During::Probe, self))
    }

    /// No connection came in time.
    pub(super) fn no_connection(&self) -> StoreError {
        self.nothing_came("connection", self.connect_timeout)
    }

    /// No answer came in time.
    pub(super) fn no_answer(&self) -> StoreError {
        self.nothing_came("answer", self.query_timeout)
    }

    /// The server was silent for this long.
    pub(super) fn nothing_came(&self, awaited: &'static str, limit: Duration) -> StoreError {
        StoreError::Timeout { place: self.address.to_string(), awaited, limit }
    }
}
