//! The ledger: the bridge's own records.
//!
//! `service` and `cli` open it; others see the trait [`Ledger`]. It stands beside `store` and must
//! not use Joomla's tables, HTTP or the five methods.
//!
//! - [`audit`], [`audit_key`]: rows that vouch for each other, and their key.
//! - [`audit_verification`]: finds rows that were changed past the program.
//! - `error`: every way in which a ledger can fail, for the operator.
//! - [`sqlite`]: the ledger in a file.

pub mod audit;
pub mod audit_key;
pub mod audit_verification;
mod error;
pub mod sqlite;

use futures_util::future::BoxFuture;
use serde::Serialize;

pub use error::LedgerError;

use crate::release::record::{ReleaseRecord, ReleaseState};
use crate::release::upload_token::{TokenHash, UploadToken};

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

    /// Reads all upload tokens, in the order of their making.
    fn tokens(&self) -> BoxFuture<'_, Result<Vec<UploadToken>, LedgerError>>;

    /// Finds the token with this hash.
    fn token(&self, hash: TokenHash) -> BoxFuture<'_, Result<Option<KnownToken>, LedgerError>>;

    /// Adds a token, and gives it its number. The number that it has does not count.
    fn add_token(
        &self,
        hash: TokenHash,
        new: UploadToken,
    ) -> BoxFuture<'_, Result<i64, LedgerError>>;

    /// Revokes a token. `None` if there is no token of this number, `false` if it was revoked before.
    fn revoke_token(
        &self,
        id: i64,
        at: i64,
        actor: &str,
    ) -> BoxFuture<'_, Result<Option<bool>, LedgerError>>;

    /// Notes that a token was used. Answers do not change by it.
    fn note_token_use(&self, id: i64, at: i64) -> BoxFuture<'_, Result<(), LedgerError>>;

    /// Reads the state of the ledger for an operator, and looks for damage.
    fn status(&self) -> BoxFuture<'_, Result<LedgerStatus, LedgerError>>;

    /// Puts the tokens that a restore has suspended into force again, on behalf of an actor.
    fn confirm(&self, actor: &str) -> BoxFuture<'_, Result<Confirmed, LedgerError>>;
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

/// A token, and the time up to which the ledger has rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownToken {
    /// The token.
    pub token: UploadToken,
    /// The latest time in the ledger, in seconds since 1970. A clock that shows less was set back.
    pub latest_time: i64,
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
