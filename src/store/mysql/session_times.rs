//! Writes the times of sessions, over a connection of its own that is opened at the first one.
//!
//! Apart from the writer of jBackend's tables, so that an account without the one right keeps the
//! others.

use async_trait::async_trait;
use mysql_async::{Conn, Pool, params, prelude::Queryable};
use tokio::{
    sync::OnceCell,
    time::{Instant, timeout_at},
};

use super::{
    MySqlSettings, MySqlStore,
    failure::{During, explain},
    no_answer, no_connection,
};
use crate::store::{SessionTimes, StoreError, UsedSession};

/// The times of a site's sessions on MySQL or MariaDB.
pub struct MySqlSessionTimes {
    settings: MySqlSettings,
    pool: OnceCell<Pool>,
    statement: String,
}

impl MySqlSessionTimes {
    /// Makes the writer; opens no connection yet.
    #[must_use]
    pub fn new(settings: MySqlSettings) -> Self {
        let settings = MySqlSettings { pool_max: 1, ..settings };
        let statement =
            settings.prefix.statement(include_str!("../../../sql/queries/renew_session.sql"));
        Self { settings, pool: OnceCell::new(), statement }
    }

    /// Checks that the account may write the times, without writing.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        let mut conn = self.checkout().await?;
        let deadline = Instant::now() + self.settings.query_timeout;
        let prepared = timeout_at(deadline, conn.prep(&self.statement)).await;
        let prepared = prepared.map_err(|_| no_answer(&self.settings))?;
        prepared.map_err(|error| explain(&error, During::Probe, &self.settings))?;
        Ok(())
    }

    async fn checkout(&self) -> Result<Conn, StoreError> {
        let pool = self.pool.get_or_try_init(|| async {
            let setup = MySqlStore::examine(&self.settings).await?.writing;
            Ok(Pool::new(self.settings.options(vec![setup])?))
        });
        let pool = pool.await?;
        let deadline = Instant::now() + self.settings.connect_timeout;
        let connected = timeout_at(deadline, pool.get_conn()).await;
        connected
            .map_err(|_| no_connection(&self.settings))?
            .map_err(|error| explain(&error, During::Connect, &self.settings))
    }
}

#[async_trait]
impl SessionTimes for MySqlSessionTimes {
    async fn renew(&self, used: &UsedSession, now: i64) -> Result<(), StoreError> {
        let mut conn = self.checkout().await?;
        let (alive, due) = used.due(now);
        let params = params! {
            "now" => now,
            "session" => &used.id,
            "user" => used.user_id,
            "alive" => alive,
            "due" => due,
        };
        let deadline = Instant::now() + self.settings.query_timeout + super::GRACE;
        timeout_at(deadline, conn.exec_drop(&self.statement, params))
            .await
            .map_err(|_| no_answer(&self.settings))?
            .map_err(|error| explain(&error, During::Query, &self.settings))
    }
}
