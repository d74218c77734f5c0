//! The Joomla site's database: accounts, and the rows the settings come from, all read only.
//! Written are jBackend's own tables ([`JBackendTables`]) and the times of sessions
//! ([`SessionTimes`]).
//!
//! The methods and the application call it through the trait [`Joomla`]; only the application names
//! a store ([`MySqlStore`], [`SqliteStore`]). It knows tables and collations. Facts:
//! `docs/joomla.md`. What only an operator asks is in [`inspection`]. Must not import: `release`,
//! `packages`, `methods`, `http`.

use std::{collections::BTreeMap, future::Future, pin::Pin, time::Duration};

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

/// The tables without which nothing can be answered.
const TABLES: [&str; 5] = ["users", "user_usergroup_map", "usergroups", "extensions", "viewlevels"];

/// What a store gives back: a future, boxed so that the trait can be an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A Joomla site's database.
///
/// Every call ends within the store's time limits, and fails at once while the database is
/// down; the next call after it came back works. Nothing is ever written.
pub trait Joomla: Send + Sync {
    /// The accounts whose e-mail matches, best first, at most 20, in one round trip.
    ///
    /// What matches is the database's business (`docs/joomla.md`, "Names"): on MySQL the column's
    /// collation decides, in SQLite only ASCII case is ignored. The order: equal in every byte,
    /// equal but for ASCII case, then the lowest id. When nobody matches an address that holds
    /// blanks, the accounts that match with `+` in their place are given.
    fn users_by_email<'a>(&'a self, email: &'a str) -> BoxFuture<'a, Vec<User>>;

    /// The accounts whose user name matches, with their password hashes; otherwise as
    /// [`Joomla::users_by_email`], but for the blanks: a user name is taken as it was sent.
    fn users_by_username<'a>(&'a self, username: &'a str) -> BoxFuture<'a, Vec<Account>>;

    /// The account with this id, in one round trip.
    fn user_by_id(&self, id: i64) -> BoxFuture<'_, Option<User>>;

    /// The password hashes of the newest accounts, at most 20: a sample of what the site's PHP
    /// makes of a password today.
    fn recent_hashes(&self) -> BoxFuture<'_, Vec<StoredHash>>;

    /// The highest id of an account; 0 where there are none. For samples.
    fn highest_user(&self) -> BoxFuture<'_, i64>;

    /// Accounts with ids from `first` on, at most [`SAMPLE`], lowest first. For samples: bounded,
    /// whatever the number of accounts.
    fn users_from(&self, first: i64) -> BoxFuture<'_, Vec<User>>;

    /// Accounts in a range of ids that are assigned to a user group, at most [`SAMPLE`], lowest
    /// first. As long as the range is short, so is the look.
    fn members_between(&self, group: u32, ids: Ids) -> BoxFuture<'_, Vec<User>>;

    /// What members some user groups have in a range of ids, by one look at all of them.
    fn member_spans<'a>(&'a self, groups: &'a [u32], ids: Ids) -> BoxFuture<'a, Vec<MemberSpan>>;

    /// The lowest id of an account of a kind in a range of ids.
    fn odd_user<'a>(&'a self, oddity: &'a Oddity, ids: Ids) -> BoxFuture<'a, Option<i64>>;

    /// Everything the settings are made of, to be asked for every few seconds.
    fn site_rows(&self) -> BoxFuture<'_, SiteRows>;

    /// The names of the user groups by id, for people.
    ///
    /// # Errors
    /// Also where the account may read the tree but not the names.
    fn group_titles(&self) -> BoxFuture<'_, BTreeMap<u32, String>>;

    /// Everything the end-points are made of, to be asked for every few seconds.
    fn endpoint_rows(&self) -> BoxFuture<'_, EndpointRows>;

    /// The session with this id, where there is one.
    ///
    /// # Errors
    /// Also where sessions are not in the database or may not be read.
    fn session<'a>(&'a self, id: &'a [u8]) -> BoxFuture<'a, Option<Session>>;

    /// Whether the database answers now.
    fn ping(&self) -> BoxFuture<'_, ()>;

    /// The connections to the database server, where there is one.
    fn pool(&self) -> Option<PoolState> {
        None
    }

    /// What this store reads.
    fn reads(&self) -> Reads {
        Reads::Database
    }
}

/// What a store reads.
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
    /// Connections nobody uses.
    pub idle: usize,
    /// Connections with a query under way, or being made.
    pub busy: usize,
    /// Connections there may be.
    pub limit: usize,
    /// Queries that wait for a connection.
    pub awaited: usize,
}
