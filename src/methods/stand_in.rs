//! The account that is looked up beside an unknown one.
//!
//! Under uniform answers a one-field key costs the database and the bridge the same, whether its id
//! is an account's or not: one row that is found and one that is not. `holder` asks; it knows nothing
//! of keys.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::store::{Joomla, StoreError, User};

/// No account has this id.
const NOBODY: i64 = 0;

/// The id of an account that there is; 0 before one is known.
#[derive(Debug, Default)]
pub struct StandIn(AtomicI64);

/// What was found, and who stands in for it.
pub(super) struct Found {
    /// The account that was asked for.
    pub(super) user: Option<User>,
    /// An account to do the same work with where there is none.
    pub(super) other: Option<User>,
}

impl StandIn {
    /// Looks up two accounts, of which one is found: the one asked for, or another in its place.
    pub(super) async fn find(&self, joomla: &dyn Joomla, id: i64) -> Result<Found, StoreError> {
        let known = match self.0.load(Ordering::Relaxed) {
            NOBODY => {
                let highest = joomla.highest_user().await?;
                self.0.store(highest, Ordering::Relaxed);
                highest
            }
            known => known,
        };
        let user = joomla.user_by_id(id).await?;
        let other = joomla.user_by_id(if user.is_some() { NOBODY } else { known }).await?;
        if user.is_none() && other.is_none() {
            // It was deleted: the next request learns another.
            self.0.store(NOBODY, Ordering::Relaxed);
        }
        Ok(Found { user, other })
    }
}
