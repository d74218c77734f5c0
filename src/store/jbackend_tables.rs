//! jBackend's own tables: the only ones the bridge writes to, and only as the original does.
//!
//! API keys are counted and judged by one statement each, so that a limit holds however many
//! requests come at once; `docs/protocol.md`, "Access type `key`" and "Trace".

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{PoolState, StoreError, rows::Cells};

/// The present state of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyVerdict {
    /// It opens the end-point.
    Accepted,
    /// Unknown, or not published.
    Invalid,
    /// Its expiration date has come.
    Expired,
    /// Its requests of today are used up.
    Exhausted,
}

/// A row of `#__jbackend_logs`. `Debug` shows no key.
#[derive(Clone, PartialEq)]
pub struct TraceRow {
    /// The menu item; 0 for the component's own URLs.
    pub endpoint: u32,
    /// 0 free, 1 user, 2 key.
    pub access_type: u8,
    /// When the request came.
    pub at: Timestamp,
    /// The error code of the answer as this site names it, if it was a refusal; empty if there was
    /// no answer.
    pub error_code: Option<String>,
    /// The user logged in to Joomla; 0 for guests.
    pub user_id: i64,
    /// The API key as sent, empty for none.
    pub key: String,
    /// The parameter `action`.
    pub action: String,
    /// The parameter `module`.
    pub module: String,
    /// The parameter `resource`.
    pub resource: String,
    /// How long the answer took.
    pub duration: Duration,
}

impl std::fmt::Debug for TraceRow {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TraceRow")
            .field("endpoint", &self.endpoint)
            .field("error_code", &self.error_code)
            .finish_non_exhaustive()
    }
}

/// jBackend's own tables, written.
#[async_trait]
pub trait JBackendTables: Send + Sync {
    /// Judges an API key, and counts the request when the key is accepted: in one statement.
    async fn count_key(&self, key: &str) -> Result<KeyVerdict, StoreError>;

    /// Judges an API key without counting.
    async fn judge_key(&self, key: &str) -> Result<KeyVerdict, StoreError>;

    /// Appends rows to the log; returns how many the table refuses, which do not affect the others.
    /// Characters that a column cannot hold become `?`.
    ///
    /// # Errors
    /// [`StoreError::TakesNoRows`](super::StoreError::TakesNoRows) if it accepted none of them, so
    /// that the table may be at fault. Otherwise rows may have been written all the same: the
    /// answer can be lost on its way.
    async fn append_trace(&self, rows: &[TraceRow]) -> Result<usize, StoreError>;

    /// Returns the connections to the database server, if there is one.
    fn pool(&self) -> Option<PoolState> {
        None
    }
}

/// A row of `judge_key`.
pub(super) fn verdict(row: &mut dyn Cells) -> KeyVerdict {
    let mut is = |column| row.number(column).is_some_and(|flag| flag != 0);
    let (published, expired, used_up) = (is(0), is(1), is(2));
    match (published, expired, used_up) {
        (false, _, _) => KeyVerdict::Invalid,
        (true, true, _) => KeyVerdict::Expired,
        (true, false, true) => KeyVerdict::Exhausted,
        (true, false, false) => KeyVerdict::Accepted,
    }
}
