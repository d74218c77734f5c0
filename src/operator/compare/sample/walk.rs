//! A walk over all accounts in short ranges of ids, from one of them on and round to it again.
//!
//! A site may have millions of accounts: each range is one look at the database, and the walk ends
//! after so many.

use crate::store::{Ids, Joomla, StoreError};

/// Ids of one look: a fraction of a second, also on a slow server.
pub(super) const STRIDE: i64 = 20_000;
/// Queries of one walk: enough for ten million accounts whose ids have no gaps.
const MOST: u32 = 500;

/// The state of a walk.
pub(super) struct Walk {
    /// The remaining ranges, the next one at the end.
    left: Vec<Ids>,
    looks: u32,
}

impl Walk {
    /// Begins at an id; `highest` is the last one there is.
    pub(super) fn new(start: i64, highest: i64) -> Self {
        let left = vec![Ids { first: 0, last: start - 1 }, Ids { first: start, last: highest }];
        Self { left, looks: 0 }
    }

    /// The next range, which begins with an account; none when all have been in one.
    ///
    /// # Errors
    /// The database does not answer.
    pub(super) async fn step(&mut self, joomla: &dyn Joomla) -> Result<Option<Ids>, StoreError> {
        while let Some(part) = self.left.last_mut() {
            if self.looks >= MOST {
                return Ok(None);
            }
            // Ids may have wide gaps.
            let next = joomla.users_from(part.first).await?.first().map(|user| user.id);
            let Some(first) = next.filter(|id| *id <= part.last) else {
                self.left.pop();
                continue;
            };
            let ids = Ids { first, last: part.last.min(first + (STRIDE - 1)) };
            part.first = ids.last + 1;
            self.looks += 1;
            return Ok(Some(ids));
        }
        Ok(None)
    }

    /// Has it ended before all accounts were in a range?
    pub(super) fn is_cut(&self) -> bool {
        self.looks >= MOST && !self.left.is_empty()
    }
}
