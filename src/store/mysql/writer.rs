//! Writes to jBackend's own tables, through a pool of its own.
//!
//! Apart from the reading store, so that a site without key end-points and traces never opens a
//! connection that could write. No write is tried twice here: a request counted twice would be
//! wrong. Trace rows are handed over again after a failure, and may then be in the log twice: when
//! the answer was lost and not the statement.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use mysql_async::{Conn, Params, Pool, Row, Value, params, prelude::Queryable};

use super::{
    MySqlSettings, MySqlStore, charset,
    failure::{During, WriteRefusal, explain, refusal},
    pool_state,
};
use crate::store::{
    JBackendTables, KeyVerdict, PoolState, StoreError, TraceRow, jbackend_tables, rows::Cells,
};

/// A place for one row of the log. Texts get a type of their own: MySQL would give them their
/// column's type and fail if it cannot hold them; so it writes `?` there, as MariaDB does.
const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, CONVERT(? USING utf8mb4), CONVERT(? USING utf8mb4), \
    CONVERT(? USING utf8mb4), CONVERT(? USING utf8mb4), ?)";

/// jBackend's tables on MySQL or MariaDB.
pub struct MySqlWriter {
    settings: MySqlSettings,
    pool: Pool,
    count_key: String,
    judge_key: String,
    append_trace: String,
    key_charset: String,
    /// Whether the log has told why a row was refused.
    told: AtomicBool,
}

impl MySqlWriter {
    /// Connects, and checks that the tables can be written.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`], each naming the remedy.
    pub async fn connect(settings: MySqlSettings) -> Result<Self, StoreError> {
        let setup = MySqlStore::examine(&settings).await?.writing;
        let statement = |sql| settings.prefix.statement(sql);
        let writer = Self {
            count_key: statement(include_str!("../../../sql/queries/count_key.mysql.sql")),
            judge_key: statement(include_str!("../../../sql/queries/judge_key.mysql.sql")),
            append_trace: statement(include_str!("../../../sql/queries/append_trace.mysql.sql")),
            key_charset: statement(include_str!("../../../sql/queries/key_charset.mysql.sql")),
            told: AtomicBool::new(false),
            pool: Pool::new(settings.options(vec![setup])?),
            settings,
        };
        let mut conn = writer.checkout().await?;
        for statement in [
            &writer.count_key,
            &writer.judge_key,
            &writer.key_charset,
            &format!("{} {ROW}", writer.append_trace),
        ] {
            writer.settings.try_preparing(&mut conn, statement).await?;
        }
        drop(conn);
        Ok(writer)
    }

    async fn checkout(&self) -> Result<Conn, StoreError> {
        self.settings.connection(self.pool.get_conn()).await
    }

    async fn can_hold(&self, conn: &mut Conn, key: &str) -> Result<bool, StoreError> {
        if key.is_ascii() {
            return Ok(true);
        }
        let set = self.settings.within(conn.exec_first::<Row, _, _>(&self.key_charset, ())).await?;
        let Some(mut set) = set else { return Ok(false) };
        let Some(question) = charset::question(&set.text(0)) else { return Ok(true) };
        let params = params! { "text" => key };
        let answer = self.settings.within(conn.exec_first::<Row, _, _>(question, params)).await?;
        Ok(answer.is_some_and(|mut row| charset::is_yes(&mut row)))
    }

    /// Appends rows in one statement: all of them or none.
    async fn append(&self, conn: &mut Conn, rows: &[TraceRow]) -> Result<Appended, StoreError> {
        let places = vec![ROW; rows.len()].join(", ");
        let statement = format!("{} {places}", self.append_trace);
        let values = rows.iter().flat_map(values).collect();
        // Batches differ in length: as prepared statements they would fill the cache.
        let statement = match self.settings.answer(conn.prep(statement)).await? {
            Ok(statement) => statement,
            Err(error) => return self.refused(&error),
        };
        let run = conn.exec_drop(statement.clone(), Params::Positional(values));
        let written = self.settings.answer(run).await?;
        // The rows are in, or refused: a connection that is lost only now is no failure.
        let _ = self.settings.within(conn.close(statement)).await;
        match written {
            Ok(()) => Ok(Appended::Written),
            Err(error) => self.refused(&error),
        }
    }

    fn refused(&self, error: &mysql_async::Error) -> Result<Appended, StoreError> {
        let cause = explain(error, During::Query, &self.settings);
        match refusal(error, &self.settings) {
            Some(refusal) => Ok(Appended::Refused(refusal, cause)),
            None => Err(cause),
        }
    }

    /// Appends the rows one by one, so that a refused row does not affect another.
    async fn append_each(&self, conn: &mut Conn, rows: &[TraceRow]) -> Result<usize, StoreError> {
        let (mut written, mut refused, mut by_table) = (0, 0, None);
        for row in rows {
            match self.append(conn, std::slice::from_ref(row)).await? {
                Appended::Written => written += 1,
                Appended::Refused(refusal, cause) => {
                    refused += 1;
                    if refusal == WriteRefusal::Row {
                        self.tell(&cause);
                    } else {
                        by_table = Some(cause);
                    }
                }
            }
        }
        match by_table {
            // The table accepts rows, so the answer is about the refused ones.
            Some(cause) if written > 0 => self.tell(&cause),
            Some(cause) => {
                let table = self.settings.prefix.table("jbackend_logs");
                return Err(StoreError::TakesNoRows { table, cause: Box::new(cause) });
            }
            None => {}
        }
        Ok(refused)
    }

    /// Logs once why a row was refused: later refusals are only counted.
    fn tell(&self, cause: &StoreError) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %cause, "jBackend's log refuses a trace row: it is lost");
        }
    }

    async fn judge(&self, conn: &mut Conn, key: &str) -> Result<KeyVerdict, StoreError> {
        let params = params! { "key" => key };
        let found =
            self.settings.within(conn.exec_first::<Row, _, _>(&self.judge_key, params)).await?;
        Ok(match found {
            None => KeyVerdict::Invalid,
            Some(mut row) => jbackend_tables::verdict(&mut row as &mut dyn Cells),
        })
    }
}

#[async_trait]
impl JBackendTables for MySqlWriter {
    async fn count_key(&self, key: &str) -> Result<KeyVerdict, StoreError> {
        let mut conn = self.checkout().await?;
        if !self.can_hold(&mut conn, key).await? {
            return Ok(KeyVerdict::Invalid);
        }
        let params = params! { "key" => key };
        self.settings.within(conn.exec_drop(&self.count_key, params)).await?;
        if conn.affected_rows() > 0 {
            return Ok(KeyVerdict::Accepted);
        }
        match self.judge(&mut conn, key).await? {
            // The day or the limit changed in between: the count was refused all the same.
            KeyVerdict::Accepted => Ok(KeyVerdict::Exhausted),
            refusal => Ok(refusal),
        }
    }

    async fn judge_key(&self, key: &str) -> Result<KeyVerdict, StoreError> {
        let mut conn = self.checkout().await?;
        if !self.can_hold(&mut conn, key).await? {
            return Ok(KeyVerdict::Invalid);
        }
        self.judge(&mut conn, key).await
    }

    async fn append_trace(&self, rows: &[TraceRow]) -> Result<usize, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let mut conn = self.checkout().await?;
        match self.append(&mut conn, rows).await? {
            Appended::Written => Ok(0),
            Appended::Refused(..) => self.append_each(&mut conn, rows).await,
        }
    }

    fn pool(&self) -> Option<PoolState> {
        Some(pool_state(&self.pool, &self.settings))
    }
}

/// The result of rows sent in one statement.
enum Appended {
    Written,
    /// None of them is written.
    Refused(WriteRefusal, StoreError),
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
