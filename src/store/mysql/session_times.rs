//! Writes the times of sessions, over a connection of its own that is opened at the first one.
//!
//! Apart from the writer of jBackend's tables, so that an account without the one right keeps the
//! others.

use async_trait::async_trait;
use mysql_async::{Conn, Pool, params, prelude::Queryable};
use tokio::sync::OnceCell;

use super::{MySqlSettings, MySqlStore};
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
        self.settings.try_preparing(&mut conn, &self.statement).await
    }

    async fn checkout(&self) -> Result<Conn, StoreError> {
        let pool = self.pool.get_or_try_init(|| async {
            let setup = MySqlStore::examine(&self.settings).await?.writing;
            Ok(Pool::new(self.settings.options(vec![setup])?))
        });
        self.settings.connection(pool.await?.get_conn()).await
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
        self.settings.within(conn.exec_drop(&self.statement, params)).await
    }
}
