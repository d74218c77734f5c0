//! Facts about a site's database for the operator: its server, the account's rights, tables and
//! columns, accounts that are easily confused, the members of user groups, the state of API keys.
//!
//! Used by the checks before a site goes live, never by a request. All queries are limited in rows
//! and time, and only read. Must not import: `operator`.

mod rights;

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{StoreError, TablePrefix, rows::Cells};

pub(super) use rights::roles;
pub use rights::{Grant, Rights};

/// Answers with more rows than this are cut off.
pub const MOST_ROWS: usize = 200;

/// Of more e-mails that accounts share than these the rest is left out.
pub const MOST_SHARED: usize = 50;

/// A database to be asked by the operator.
pub struct Inspection {
    source: Box<dyn Source>,
    prefix: TablePrefix,
    dialect: &'static ShapeStatements,
}

/// The operations that differ between kinds of databases.
#[async_trait]
pub(super) trait Source: Send + Sync {
    /// The rows of a statement, each cell as text; NULL is the empty text.
    async fn ask(&self, statement: String) -> Result<Vec<Vec<String>>, StoreError>;

    /// Whether a statement could be run; it is not.
    async fn prepares(&self, statement: String) -> Result<Prepared, StoreError>;

    /// The server, and the session with it. `users` is the full name of the table of users.
    async fn server(&self, users: &str) -> Result<ServerFacts, StoreError>;

    /// Reads the account's rights; `None` if there are no accounts.
    async fn rights(&self) -> Result<Option<Rights>, StoreError>;
}

/// The result of preparing a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prepared {
    Yes,
    NoTable,
    NoColumn,
    Denied,
}

/// The statements whose text differs between the databases.
pub(super) struct ShapeStatements {
    beyond_ascii: &'static str,
    api_keys: Option<&'static str>,
}

pub(super) const MYSQL: ShapeStatements = ShapeStatements {
    beyond_ascii: include_str!("../../../sql/queries/emails_beyond_ascii.mysql.sql"),
    api_keys: Some(include_str!("../../../sql/queries/api_keys.mysql.sql")),
};

pub(super) const SQLITE: ShapeStatements = ShapeStatements {
    beyond_ascii: include_str!("../../../sql/queries/emails_beyond_ascii.sqlite.sql"),
    api_keys: None,
};

/// A database server, as far as it concerns an operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// Kind and version: `MariaDB 10.11.6`.
    pub version: String,
    /// The account as the server names it: `joomla@localhost`; empty if there are none.
    pub account: String,
    /// Connections the server accepts in total; 0 if it does not report that.
    pub max_connections: u64,
    /// Connections it takes from this account; 0 for no limit of its own.
    pub max_user_connections: u64,
    /// Its clock, in Unix time; `None` if it is this machine's own.
    pub now: Option<i64>,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// The variable that keeps the server from writing; `None` if it writes.
    pub read_only: Option<String>,
    /// Columns of the table of users with their collations.
    pub collations: BTreeMap<String, String>,
}

/// The result of checking a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableState {
    /// The table and all columns can be read.
    Readable,
    /// There is no such table.
    Missing,
    /// The account may not read any of it.
    Denied,
    /// Some columns are not there, or may not be read.
    Incomplete {
        /// Columns that do not exist.
        missing: Vec<String>,
        /// Columns the account may not read.
        denied: Vec<String>,
    },
}

/// An account with its e-mail. No `Debug`: it is a personal address.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailOf {
    /// `#__users.id`.
    pub id: i64,
    /// The address, as stored.
    pub email: String,
    /// Whether the account is blocked.
    pub is_blocked: bool,
}

/// The accounts in a user group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Members {
    /// All of them.
    pub all: u64,
    /// Those whose account is not blocked.
    pub enabled: u64,
}

/// A menu item of jBackend, published or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JBackendItem {
    /// `id`.
    pub id: u32,
    /// The path of its URL.
    pub path: String,
    /// 1 published, 0 not, -2 in the trash.
    pub published: i64,
    /// The access level it is limited to.
    pub access: u32,
}

/// An API key. No `Debug`: it opens an end-point.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub key: String,
    /// Whether it is switched on.
    pub is_published: bool,
    /// When it ends, as the database writes it; empty for never.
    pub expires: String,
    /// Days until then, negative if it has passed; `None` for never.
    pub days_left: Option<i64>,
    /// Requests it may make in a day; 0 for no limit.
    pub daily_requests: u64,
    /// Requests it has made today.
    pub today: u64,
}

impl Inspection {
    pub(super) fn new(
        source: Box<dyn Source>,
        prefix: TablePrefix,
        dialect: &'static ShapeStatements,
    ) -> Self {
        Self { source, prefix, dialect }
    }

    /// The server and the session with it.
    pub async fn server(&self) -> Result<ServerFacts, StoreError> {
        self.source.server(&self.prefix.table("users")).await
    }

    /// Returns the account's rights; `None` if the database has no accounts.
    pub async fn rights(&self) -> Result<Option<Rights>, StoreError> {
        self.source.rights().await
    }

    /// The full name of a table.
    #[must_use]
    pub fn table_name(&self, table: &str) -> String {
        self.prefix.table(table)
    }

    /// Whether the columns of a table are there and may be read. `table` goes without the prefix.
    pub async fn table(&self, table: &str, columns: &[&str]) -> Result<TableState, StoreError> {
        let table = self.prefix.table(table);
        match self.source.prepares(format!("SELECT 1 FROM `{table}`")).await? {
            Prepared::NoTable => return Ok(TableState::Missing),
            Prepared::Denied => return Ok(TableState::Denied),
            Prepared::Yes | Prepared::NoColumn => {}
        }
        let (mut missing, mut denied) = (Vec::new(), Vec::new());
        for column in columns {
            match self.source.prepares(format!("SELECT `{column}` FROM `{table}`")).await? {
                Prepared::Yes => {}
                Prepared::Denied => denied.push((*column).to_owned()),
                Prepared::NoTable | Prepared::NoColumn => missing.push((*column).to_owned()),
            }
        }
        Ok(if missing.is_empty() && denied.is_empty() {
            TableState::Readable
        } else {
            TableState::Incomplete { missing, denied }
        })
    }

    /// Returns the accounts whose e-mails are equal to the database: each group together, the
    /// lowest id first.
    pub async fn shared_emails(&self) -> Result<Vec<Vec<EmailOf>>, StoreError> {
        let rows = self.ask(include_str!("../../../sql/queries/emails_shared.sql")).await?;
        let mut groups: Vec<(i64, Vec<EmailOf>)> = Vec::new();
        for mut row in rows {
            let first = row.number(3).unwrap_or_default();
            let Some(account) = email_of(&mut row) else { continue };
            match groups.last_mut().filter(|(known, _)| *known == first) {
                Some((_, accounts)) => accounts.push(account),
                None => groups.push((first, vec![account])),
            }
        }
        Ok(groups.into_iter().map(|(_, accounts)| accounts).collect())
    }

    /// Returns the accounts whose e-mail holds characters beyond ASCII.
    pub async fn emails_beyond_ascii(&self) -> Result<Vec<EmailOf>, StoreError> {
        Ok(emails(self.ask(self.dialect.beyond_ascii).await?))
    }

    /// Returns the accounts whose e-mail is empty or holds a blank.
    pub async fn blank_emails(&self) -> Result<Vec<EmailOf>, StoreError> {
        let query = include_str!("../../../sql/queries/emails_blank.sql");
        Ok(emails(self.ask(query).await?))
    }

    /// How many accounts are assigned to each user group that has any.
    pub async fn members(&self) -> Result<BTreeMap<u32, Members>, StoreError> {
        let rows = self.ask(include_str!("../../../sql/queries/group_members.sql")).await?;
        let count = |number: Option<i64>| {
            number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
        };
        let members = rows.into_iter().filter_map(|mut row| {
            let counts = Members { all: count(row.number(1)), enabled: count(row.number(2)) };
            Some((row.id(0)?, counts))
        });
        Ok(members.collect())
    }

    /// How many accounts have a second factor; `multi` for Joomla 4.2 and later.
    pub async fn second_factors(&self, multi: bool) -> Result<u64, StoreError> {
        let query = if multi {
            include_str!("../../../sql/queries/second_factors_mfa.sql")
        } else {
            include_str!("../../../sql/queries/second_factors_otp.sql")
        };
        let rows = self.ask(query).await?;
        let number = rows.into_iter().next().and_then(|mut row| row.number(0));
        Ok(number.and_then(|number| number.try_into().ok()).unwrap_or_default())
    }

    /// All menu items that are jBackend's, whether published or not.
    pub async fn menu_items(&self) -> Result<Vec<JBackendItem>, StoreError> {
        let rows = self.ask(include_str!("../../../sql/queries/menu_jbackend.sql")).await?;
        let item = |mut row: Vec<String>| {
            Some(JBackendItem {
                id: row.id(0)?,
                path: row.text(1),
                published: row.number(2).unwrap_or_default(),
                access: row.id(3).unwrap_or_default(),
            })
        };
        Ok(rows.into_iter().filter_map(item).collect())
    }

    /// Returns the API keys, those that expire first in front; `None` if the database has none.
    pub async fn api_keys(&self) -> Result<Option<Vec<ApiKey>>, StoreError> {
        let Some(query) = self.dialect.api_keys else { return Ok(None) };
        let count = |number: Option<i64>| {
            number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
        };
        let key = |mut row: Vec<String>| ApiKey {
            key: row.text(0),
            is_published: row.number(1) == Some(1),
            expires: row.text(2),
            days_left: row.number(3),
            daily_requests: count(row.number(4)),
            today: count(row.number(5)),
        };
        Ok(Some(self.ask(query).await?.into_iter().map(key).collect()))
    }

    async fn ask(&self, query: &str) -> Result<Vec<Vec<String>>, StoreError> {
        self.source.ask(self.prefix.statement(query)).await
    }
}

fn emails(rows: Vec<Vec<String>>) -> Vec<EmailOf> {
    rows.into_iter().filter_map(|mut row| email_of(&mut row)).collect()
}

fn email_of(row: &mut Vec<String>) -> Option<EmailOf> {
    Some(EmailOf { id: row.number(0)?, email: row.text(1), is_blocked: row.number(2) == Some(1) })
}

impl Cells for Vec<String> {
    fn number(&mut self, column: usize) -> Option<i64> {
        self.get(column)?.trim().parse().ok()
    }

    fn bytes(&mut self, column: usize) -> Vec<u8> {
        self.get_mut(column).map(std::mem::take).unwrap_or_default().into_bytes()
    }
}
