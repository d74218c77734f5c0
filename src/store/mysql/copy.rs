//! The store's part of snapshots: probes of the database and copies of it, each on a connection of
//! its own, which is closed afterwards.

use std::sync::Arc;

use async_trait::async_trait;
use mysql_async::{Conn, Params, Row, Value, params, prelude::Queryable};
use tokio::time::timeout;

use super::{live_store::MySqlStore, waiting::GRACE};
use crate::store::{
    StoreError,
    queries::Queries,
    standby::{Cell, CopiedRow, CopySource, Copying, Table},
};

/// A name that no account has: it is looked up to test whether names can be.
const NOBODY: &str = "nobody@jbackend-bridge.invalid";

/// Ids of accounts are signed.
const BEFORE_ALL: i64 = i64::MIN;

impl MySqlStore {
    /// A connection of its own, set up for reading.
    async fn aside(&self) -> Result<Aside<'_>, StoreError> {
        let options = self.settings.options(vec![self.reading.clone()])?;
        let conn = self.settings.connection(Conn::new(options)).await?;
        Ok(Aside { conn, store: self, queries: self.queries() })
    }
}

#[async_trait]
impl CopySource for MySqlStore {
    async fn probe(&self) -> Result<(), StoreError> {
        let mut aside = self.aside().await?;
        let read = aside.read_accounts().await;
        aside.close().await;
        read
    }

    async fn copy(&self, passwords: bool, to: &Copying) -> Result<(), StoreError> {
        let mut aside = self.aside().await?;
        let copied = aside.copy(passwords, to).await;
        aside.close().await;
        copied
    }
}

/// A connection beside the pool.
struct Aside<'s> {
    conn: Conn,
    store: &'s MySqlStore,
    queries: Arc<Queries>,
}

impl Aside<'_> {
    async fn read_accounts(&mut self) -> Result<(), StoreError> {
        let queries = Arc::clone(&self.queries);
        let params = params! { "sent" => NOBODY, "plus" => NOBODY };
        self.rows(&queries.users_by_email.with_groups, params).await?;
        self.rows(&queries.users_by_username.with_groups, params! { "sent" => NOBODY }).await?;
        self.rows(&queries.user_by_id.with_groups, params! { "id" => 0 }).await?;
        Ok(())
    }

    async fn copy(&mut self, passwords: bool, to: &Copying) -> Result<(), StoreError> {
        let queries = Arc::clone(&self.queries);
        // All pages as of one moment, if the tables' engine supports that.
        self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
        self.run("START TRANSACTION WITH CONSISTENT SNAPSHOT").await?;
        to.shape(queries.shape).await;
        for (table, statement) in [
            (Table::UserGroups, Some(&queries.usergroups)),
            (Table::ViewLevels, Some(&queries.viewlevels)),
            (Table::Extensions, Some(&queries.extensions)),
            (Table::Menu, queries.copy_menu.as_ref()),
            (Table::Languages, queries.languages.as_ref()),
        ] {
            if let Some(statement) = statement {
                let rows = self.rows(statement, Params::Empty).await?;
                to.rows(table, rows).await;
            }
        }
        let users =
            if passwords { &queries.copy_users_with_passwords } else { &queries.copy_users };
        let mut after = BEFORE_ALL;
        loop {
            let page = self.rows(users, params! { "after" => after }).await?;
            let Some(last) = page.last().and_then(|row| number(row, 0)) else { break };
            after = last;
            to.rows(Table::Users, page).await;
            if to.is_given_up() {
                return Ok(());
            }
        }
        let (mut user, mut group) = (BEFORE_ALL, BEFORE_ALL);
        loop {
            let params = params! { "user" => user, "group" => group };
            let page = self.rows(&queries.copy_memberships, params).await?;
            let last = page.last().and_then(|row| Some((number(row, 0)?, number(row, 1)?)));
            let Some(last) = last else { break };
            (user, group) = last;
            to.rows(Table::Memberships, page).await;
            if to.is_given_up() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        self.store.settings.within(self.conn.query_drop(statement)).await
    }

    async fn rows(
        &mut self,
        statement: &str,
        params: Params,
    ) -> Result<Vec<CopiedRow>, StoreError> {
        let work = self.conn.exec(statement, params);
        let rows: Vec<Row> = self.store.settings.within(work).await?;
        Ok(rows.into_iter().map(copied).collect())
    }

    /// Closing is a courtesy to the server's error counters.
    async fn close(self) {
        let _ = timeout(GRACE, self.conn.disconnect()).await;
    }
}

fn number(row: &CopiedRow, column: usize) -> Option<i64> {
    match row.get(column)? {
        Cell::Number(number) => Some(*number),
        Cell::Null | Cell::Text(_) => None,
    }
}

fn copied(row: Row) -> CopiedRow {
    row.unwrap_raw()
        .into_iter()
        .map(|value| match value {
            Some(Value::Bytes(bytes)) => Cell::Text(bytes),
            Some(Value::Int(number)) => Cell::Number(number),
            Some(Value::UInt(number)) => i64::try_from(number).map_or(Cell::Null, Cell::Number),
            // No statement asks for fractions or dates.
            _ => Cell::Null,
        })
        .collect()
}
