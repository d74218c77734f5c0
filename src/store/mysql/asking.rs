//! How the store asks: a connection, a statement, its rows; and accounts with the groups they are in.
//!
//! It knows deadlines and lost connections, and no statement by its text.

use std::collections::BTreeMap;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, params};
use tokio::time::{Instant, timeout_at};

use super::charset;
use super::failure::{During, explain, is_lost_connection};
use super::live_store::{MySqlStore, NameColumn};
use super::waiting::GRACE;
use crate::store::StoreError;
use crate::store::bounds::MOST_ROWS;
use crate::store::queries::Accounts;
use crate::store::rows::Cells;
use crate::store::user::UserRow;

impl MySqlStore {
    /// Reads accounts with their groups. If one has so many that those of others would be cut off,
    /// the groups of each are read separately.
    pub(super) async fn accounts(
        &self,
        statement: &Accounts,
        params: Params,
        deadline: Instant,
        convert: impl Fn(&mut dyn Cells) -> Option<UserRow> + Send,
    ) -> Result<Vec<UserRow>, StoreError> {
        let found = self.rows(&statement.with_groups, params.clone(), deadline).await?;
        let accounts = if found.len() <= MOST_ROWS {
            converted(found, convert)
        } else {
            drop(found);
            let found = self.rows(&statement.alone, params, deadline).await?;
            let accounts = converted(found, convert);
            let (queries, mut groups) = (self.queries(), BTreeMap::new());
            for account in &accounts {
                let id = account.user.id;
                let found =
                    self.rows(&queries.memberships, params! { "id" => id }, deadline).await?;
                groups.insert(id, converted(found, |row| row.id(0)));
            }
            self.told.with_groups(accounts, &mut groups)
        };
        self.told.candidates(&accounts);
        Ok(accounts)
    }

    /// Whether the column can hold the name, so that it may be looked up at all.
    pub(super) async fn can_hold(
        &self,
        column: NameColumn,
        name: &str,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        if name.is_ascii() {
            return Ok(true);
        }
        let sets = self.rows(&self.name_charsets, Params::Empty, deadline).await?;
        // Without an account no name exists.
        let Some(mut sets) = sets.into_iter().next() else { return Ok(false) };
        let Some(question) = charset::question(&sets.text(column as usize)) else {
            return Ok(true);
        };
        let answer = self.rows(&question, params! { "text" => name }, deadline).await?;
        Ok(answer.into_iter().next().is_some_and(|mut row| charset::is_yes(&mut row)))
    }

    /// The rows of one statement. A lost connection is replaced once, within the deadline.
    pub(super) async fn rows(
        &self,
        statement: &str,
        params: Params,
        deadline: Instant,
    ) -> Result<Vec<Row>, StoreError> {
        let mut second_try = false;
        loop {
            let mut conn = self.checkout(deadline).await?;
            let limit = Instant::now() + self.settings.query_timeout + GRACE;
            let answer =
                timeout_at(deadline.min(limit), conn.exec::<Row, _, _>(statement, params.clone()));
            match answer.await {
                Ok(Ok(rows)) => return Ok(rows),
                Ok(Err(error)) if is_lost_connection(&error) && !second_try => second_try = true,
                Ok(Err(error)) => return Err(explain(&error, During::Query, &self.settings)),
                Err(_) => return Err(self.settings.no_answer()),
            }
        }
    }

    /// A connection of the pool.
    pub(super) async fn checkout(&self, deadline: Instant) -> Result<Conn, StoreError> {
        let connected = self.settings.connection(self.pool.get_conn());
        let in_time = timeout_at(deadline, connected).await;
        in_time.unwrap_or_else(|_| Err(self.settings.no_connection()))
    }
}

/// Converts rows; those that cannot be converted are left out.
pub(super) fn converted<T>(
    rows: Vec<Row>,
    convert: impl Fn(&mut dyn Cells) -> Option<T>,
) -> Vec<T> {
    rows.into_iter().filter_map(|mut row| convert(&mut row)).collect()
}
