//! The ledger: the bridge's own records.
//!
//! `service` and `cli` open it; others see the trait [`Ledger`]. It stands beside `store` and must
//! not use Joomla's tables, HTTP or the five methods.
//!
//! - `error`: every way in which a ledger can fail, for the operator.
//! - [`sqlite`]: the ledger in a file.

mod error;
pub mod sqlite;

use futures_util::future::BoxFuture;
use serde::Serialize;

pub use error::LedgerError;

use crate::release::record::{ReleaseRecord, ReleaseState};

/// A ledger, of any store. A write is answered after its commit.
pub trait Ledger: Send + Sync {
    /// Reads the number that each write raises if it may change the answer to a request.
    fn revision(&self) -> BoxFuture<'_, Result<i64, LedgerError>>;

    /// Reads all releases, of any state.
    fn releases(&self) -> BoxFuture<'_, Result<Vec<ReleaseRecord>, LedgerError>>;

    /// Adds a release, and gives its extension to its package group if it has no owner yet, or if it
    /// is adopted.
    fn add_release(
        &self,
        new: ReleaseRecord,
        is_adopted: bool,
    ) -> BoxFuture<'_, Result<Added, LedgerError>>;

    /// Gives a release the state that `changed` has, if its state is still `before`. `false` if it is
    /// not.
    fn set_release_state(
        &self,
        changed: &ReleaseRecord,
        before: ReleaseState,
        actor: &str,
    ) -> BoxFuture<'_, Result<bool, LedgerError>>;

    /// Reads the state of the ledger for an operator, and looks for damage.
    fn status(&self) -> BoxFuture<'_, Result<LedgerStatus, LedgerError>>;

    /// Puts the tokens that a restore has suspended into force again.
    fn confirm(&self) -> BoxFuture<'_, Result<Confirmed, LedgerError>>;
}

/// The result of adding a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It was added.
    New,
    /// The same file was there already; nothing was changed.
    Same(Box<ReleaseRecord>),
    /// Another file has the same id and version.
    Conflict,
    /// The extension belongs to another package group; `None` if it is free.
    OtherOwner(Option<String>),
}

/// A ledger as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerStatus {
    /// The version of its tables.
    pub schema: u32,
    /// Raised by each restore.
    pub epoch: i64,
    /// Raised by each write that may change an answer.
    pub revision: i64,
    /// Releases in any state.
    pub releases: i64,
    /// Upload tokens that are not revoked.
    pub tokens: i64,
    /// Those of them that a restore has suspended.
    pub suspended_tokens: i64,
    /// Rows of the audit log.
    pub audit_rows: i64,
    /// The damage found; empty for a sound ledger.
    pub damage: Vec<String>,
}

/// The result of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Confirmed {
    /// Upload tokens that count again.
    pub tokens: usize,
    /// The revision that the confirmation made.
    pub revision: i64,
}
