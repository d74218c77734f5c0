//! A visitor's session, as Joomla keeps it in the database.

use super::rows::Cells;

/// A row of `#__session` with the account behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Whether it belongs to the site, not to the administration.
    pub is_site: bool,
    /// Whether nobody is logged in.
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
