//! The Joomla site's database: accounts, and the source rows of the settings, all read only.
//! Written are jBackend's own tables ([`JBackendTables`]) and the times of sessions
//! ([`SessionTimes`]).
//!
//! The methods and the application call it through the trait [`Joomla`]; only the application names
//! a store ([`MySqlStore`], [`SqliteStore`]). It handles tables and collations. Facts:
//! `docs/joomla.md`. Queries only for the operator are in [`inspection`]. Must not import:
//! `release`, `packages`, `methods`, `http`.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

mod account_fault;
mod bounds;
mod endpoint_rows;
mod error;
pub mod inspection;
mod jbackend_tables;
mod mysql;
mod plugin_row;
mod queries;
mod rows;
mod samples;
mod session_row;
mod sqlite;
pub mod standby;
mod table_prefix;
mod user;
mod version;

pub use account_fault::AccountFault;
pub use endpoint_rows::{EndpointRows, Language, MenuItem};
pub use error::StoreError;
pub use jbackend_tables::{JBackendTables, KeyVerdict, TraceRow};
pub use mysql::{
    MySqlSessionTimes, MySqlSettings, MySqlStore, MySqlWriter, ServerAddress, ServerVersion, Tls,
    inspect_mysql,
};
pub use plugin_row::{EnabledPlugin, ExtensionParams, SiteRows, UserGroup, ViewLevel};
pub use samples::{Ids, MemberSpan, Oddity, SAMPLE};
pub use session_row::{Session, SessionTimes, UsedSession};
pub use sqlite::{SqliteSessionTimes, SqliteStore, inspect_sqlite};
pub use table_prefix::{InvalidPrefix, TablePrefix};
pub use user::{Account, StoredHash, TwoFactor, User};
pub use version::JoomlaVersion;

/// The tables without which no request can be answered.
const TABLES: [&str; 5] = ["users", "user_usergroup_map", "usergroups", "extensions", "viewlevels"];

/// A Joomla site's database.
///
/// Every call ends within the store's time limits, and fails at once while the database is down;
/// the next call after it came back works. No call writes.
#[async_trait]
pub trait Joomla: Send + Sync {
    /// Returns the accounts whose e-mail matches, best first, at most 20, in one round trip.
    ///
    /// The database decides about matches (`docs/joomla.md`, "Names"): on MySQL the column's
    /// collation decides, in SQLite only ASCII case is ignored. The order: equal in every byte,
    /// equal but for ASCII case, then the lowest id. If no account matches an address that holds
    /// blanks, the accounts that match with `+` in their place are given.
    async fn users_by_email(&self, email: &str) -> Result<Vec<User>, StoreError>;

    /// Returns the accounts whose user name matches, with their password hashes; otherwise as
    /// [`Joomla::users_by_email`], but for the blanks: a user name is taken as it was sent.
    async fn users_by_username(&self, username: &str) -> Result<Vec<Account>, StoreError>;

    /// The account with this id, in one round trip.
    async fn user_by_id(&self, id: i64) -> Result<Option<User>, StoreError>;

    /// Returns the password hashes of the newest accounts, at most 20: a sample of the hashes that
    /// the site's PHP makes today.
    async fn recent_hashes(&self) -> Result<Vec<StoredHash>, StoreError>;

    /// Returns the highest id of an account; 0 if there are none. For samples.
    async fn highest_user(&self) -> Result<i64, StoreError>;

    /// Accounts with ids from `first` on, at most [`SAMPLE`], lowest first. For samples: bounded,
    /// whatever the number of accounts.
    async fn users_from(&self, first: i64) -> Result<Vec<User>, StoreError>;

    /// Accounts in a range of ids that are assigned to a user group, at most [`SAMPLE`], lowest
    /// first. As long as the range is short, so is the look.
    async fn members_between(&self, group: u32, ids: Ids) -> Result<Vec<User>, StoreError>;

    /// Returns the members of some user groups in a range of ids, by one query for all of them.
    async fn member_spans(&self, groups: &[u32], ids: Ids) -> Result<Vec<MemberSpan>, StoreError>;

    /// The lowest id of an account of a kind in a range of ids.
    async fn odd_user(&self, oddity: &Oddity, ids: Ids) -> Result<Option<i64>, StoreError>;

    /// Everything the settings are made of, to be asked for every few seconds.
    async fn site_rows(&self) -> Result<SiteRows, StoreError>;

    /// Returns the names of the user groups by id, for people.
    ///
    /// # Errors
    /// Also fails if the account may read the tree but not the names.
    async fn group_titles(&self) -> Result<BTreeMap<u32, String>, StoreError>;

    /// Everything the end-points are made of, to be asked for every few seconds.
    async fn endpoint_rows(&self) -> Result<EndpointRows, StoreError>;

    /// Returns the session with this id, if there is one.
    ///
    /// # Errors
    /// Also fails if sessions are not in the database or may not be read.
    async fn session(&self, id: &[u8]) -> Result<Option<Session>, StoreError>;

    /// Whether the database answers now.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Returns the connections to the database server, if there is one.
    fn pool(&self) -> Option<PoolState> {
        None
    }

    /// Returns the source that this store reads.
    fn reads(&self) -> Reads {
        Reads::Database
    }
}

/// The source that a store reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The site's database.
    Database,
    /// A copy of it, which answers while the database has failed.
    Copy {
        /// Its age; `None` once it is too old to answer anything.
        age: Option<Duration>,
    },
}

/// A pool of connections to a database server, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// Connections not in use.
    pub idle: usize,
    /// Connections with a query under way, or being made.
    pub busy: usize,
    /// Connections there may be.
    pub limit: usize,
    /// Queries that wait for a connection.
    pub awaited: usize,
}
