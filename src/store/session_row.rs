//! A visitor's session, as Joomla keeps it in the database, and the field that is written.

use async_trait::async_trait;

use super::{StoreError, rows::Cells};

/// A row of `#__session` with the account behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Whether it belongs to the site, not to the administration.
    pub is_site: bool,
    /// Whether no user is logged in.
    pub is_guest: bool,
    /// The user; 0 for guests.
    pub user_id: i64,
    /// When it was used last, in Unix time.
    pub used_at: i64,
    /// Whether there is such an account, and Joomla's login would let it in.
    pub is_enabled: bool,
}

/// A row of `session`. A shared session has no client.
pub(super) fn session(row: &mut dyn Cells) -> Option<Session> {
    Some(Session {
        is_site: row.number(0).unwrap_or(0) == 0,
        is_guest: row.number(1).unwrap_or(1) != 0,
        user_id: row.number(2).unwrap_or(0),
        used_at: row.number(3)?,
        is_enabled: row.number(4).is_some_and(|block| block != 1),
    })
}

/// A session of a logged-in visitor that was used.
#[derive(Clone, PartialEq, Eq)]
pub struct UsedSession {
    /// Its id, which is a secret.
    pub id: String,
    /// The user.
    pub user_id: i64,
    /// Seconds it lives after its last use.
    pub lifetime: i64,
}

impl UsedSession {
    /// Seconds for which a session counts as used just now.
    pub const REST: i64 = 60;

    /// The times between which it is written forward now, in Unix time: it still lives, and was not
    /// written just before.
    pub(super) fn due(&self, now: i64) -> (i64, i64) {
        (now.saturating_sub(self.lifetime), now.saturating_sub(Self::REST))
    }
}

impl std::fmt::Debug for UsedSession {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("UsedSession").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// The times of the site's sessions, written: the only thing of Joomla's own that the bridge changes.
#[async_trait]
pub trait SessionTimes: Send + Sync {
    /// Advances the time of a session. An expired one stays expired; the rest of the row is
    /// unchanged.
    ///
    /// # Errors
    /// Also fails if the account may not write it.
    async fn renew(&self, used: &UsedSession, now: i64) -> Result<(), StoreError>;
}
