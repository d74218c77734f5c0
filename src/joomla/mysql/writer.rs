//! Writes to jBackend's own tables, through a pool of its own.
//!
//! Apart from the reading store, so that a site without key end-points and traces never opens a
//! connection that could write. Nothing is tried twice here: a request counted twice would be wrong.
//! Trace rows are handed over again after a failure, and may then be in the log twice: when the
//! answer was lost and not the statement.

use std::future::Future;

use mysql_async::{Conn, Params, Pool, Row, Value, params, prelude::Queryable};
use tokio::time::{Instant, timeout_at};

use super::{
    MySqlSettings, MySqlStore,
    failure::{During, explain, is_unwritable_name},
    no_answer, no_connection, pool_state,
};
use crate::joomla::{
    Answer, JBackendTables, KeyVerdict, PoolState, StoreError, TraceRow, jbackend_tables,
    rows::Cells,
};

/// A place for one row of the log.
const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// jBackend's tables on MySQL or MariaDB.
pub struct MySqlWriter {
    settings: MySqlSettings,
    pool: Pool,
    count_key: String,
    judge_key: String,
    append_trace: String,
}

impl MySqlWriter {
    /// Connects, and checks that the tables can be written.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], each naming what to correct.
    pub async fn connect(settings: MySqlSettings) -> Result<Self, StoreError> {
        let setup = MySqlStore::examine(&settings).await?.writing;
        let statement = |sql| settings.prefix.statement(sql);
        let writer = Self {
            count_key: statement(include_str!("../../../sql/queries/count_key.mysql.sql")),
            judge_key: statement(include_str!("../../../sql/queries/judge_key.mysql.sql")),
            append_trace: statement(include_str!("../../../sql/queries/append_trace.mysql.sql")),
            pool: Pool::new(settings.options(vec![setup])),
            settings,
        };
        let mut conn = writer.checkout().await?;
        for statement in
            [&writer.count_key, &writer.judge_key, &format!("{} {ROW}", writer.append_trace)]
        {
            let deadline = Instant::now() + writer.settings.query_timeout;
            let prepared = timeout_at(deadline, conn.prep(statement)).await;
            let prepared = prepared.map_err(|_| no_answer(&writer.settings))?;
            prepared.map_err(|error| explain(&error, During::Probe, &writer.settings))?;
        }
        drop(conn);
        Ok(writer)
    }

    async fn checkout(&self) -> Result<Conn, StoreError> {
        let deadline = Instant::now() + self.settings.connect_timeout;
        match timeout_at(deadline, self.pool.get_conn()).await {
            Ok(connected) => {
                connected.map_err(|error| explain(&error, During::Connect, &self.settings))
            }
            Err(_) => Err(no_connection(&self.settings)),
        }
    }

    /// What comes of it within the limit; nothing for characters that the column does not have.
    async fn within<T>(
        &self,
        work: impl Future<Output = mysql_async::Result<T>>,
    ) -> Result<Option<T>, StoreError> {
        let deadline = Instant::now() + self.settings.query_timeout + super::GRACE;
        match timeout_at(deadline, work).await {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(error)) if is_unwritable_name(&error) => Ok(None),
            Ok(Err(error)) => Err(explain(&error, During::Query, &self.settings)),
            Err(_) => Err(no_answer(&self.settings)),
        }
    }

    /// Appends rows in one statement; `false` when one of them cannot be written, and none is.
    async fn append(&self, rows: &[TraceRow]) -> Result<bool, StoreError> {
        let places = vec![ROW; rows.len()].join(", ");
        let statement = format!("{} {places}", self.append_trace);
        let values = rows.iter().flat_map(values).collect();
        let mut conn = self.checkout().await?;
        // Batches differ in length: as prepared statements they would fill the cache.
        let Some(statement) = self.within(conn.prep(statement)).await? else { return Ok(false) };
        let run = conn.exec_drop(statement.clone(), Params::Positional(values));
        let written = self.within(run).await?;
        // The rows are in: a connection that is lost only now is no failure.
        let _ = self.within(conn.close(statement)).await;
        Ok(written.is_some())
    }

    async fn judge(&self, conn: &mut Conn, key: &str) -> Result<KeyVerdict, StoreError> {
        let params = params! { "key" => key };
        let found = self.within(conn.exec_first::<Row, _, _>(&self.judge_key, params)).await?;
        Ok(match found.flatten() {
            None => KeyVerdict::Invalid,
            Some(mut row) => jbackend_tables::verdict(&mut row as &mut dyn Cells),
        })
    }
}

impl JBackendTables for MySqlWriter {
    fn count_key<'a>(&'a self, key: &'a str) -> Answer<'a, KeyVerdict> {
        Box::pin(async move {
            let mut conn = self.checkout().await?;
            let params = params! { "key" => key };
            let counted = self.within(conn.exec_drop(&self.count_key, params)).await?;
            match counted {
                // Nobody's key.
                None => Ok(KeyVerdict::Invalid),
                Some(()) if conn.affected_rows() > 0 => Ok(KeyVerdict::Accepted),
                Some(()) => match self.judge(&mut conn, key).await? {
                    // The day or the limit changed in between: the count was refused all the same.
                    KeyVerdict::Accepted => Ok(KeyVerdict::Exhausted),
                    refusal => Ok(refusal),
                },
            }
        })
    }

    fn judge_key<'a>(&'a self, key: &'a str) -> Answer<'a, KeyVerdict> {
        Box::pin(async move {
            let mut conn = self.checkout().await?;
            self.judge(&mut conn, key).await
        })
    }

    fn append_trace<'a>(&'a self, rows: &'a [TraceRow]) -> Answer<'a, usize> {
        Box::pin(async move {
            if rows.is_empty() || self.append(rows).await? {
                return Ok(0);
            }
            let mut refused = 0;
            for row in rows {
                refused += usize::from(!self.append(std::slice::from_ref(row)).await?);
            }
            Ok(refused)
        })
    }

    fn pool(&self) -> Option<PoolState> {
        Some(pool_state(&self.pool, &self.settings))
    }
}

fn values(row: &TraceRow) -> [Value; 12] {
    let at = row.at.strftime("%F %T").to_string();
    let date = row.at.strftime("%F").to_string();
    [
        row.endpoint.into(),
        row.access_type.into(),
        at.into(),
        date.into(),
        u8::from(row.error_code.is_some()).into(),
        row.error_code.as_deref().unwrap_or_default().into(),
        row.user_id.into(),
        row.key.as_str().into(),
        row.action.as_str().into(),
        row.module.as_str().into(),
        row.resource.as_str().into(),
        row.duration.as_secs_f64().into(),
    ]
}
