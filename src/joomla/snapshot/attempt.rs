//! Who is asked: the database, the snapshot, or first the one and then the other.

use std::sync::Arc;

use super::store::WithSnapshot;
use crate::joomla::{Joomla, StoreError};

/// Looks at the database that a call may wait for, before it fails itself.
const VERDICTS: u8 = 2;

/// Who may give an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The database, or the snapshot in its place.
    Either,
    /// The same, where the snapshot has the password hashes.
    EitherWithPasswords,
    /// The database alone.
    Database,
}

/// A call on its way to an answer.
pub(super) struct Attempt<'s> {
    store: &'s WithSnapshot,
    from: From,
    asked_stand_in: bool,
    verdicts_left: u8,
}

impl<'s> Attempt<'s> {
    pub(super) fn new(store: &'s WithSnapshot, from: From) -> Self {
        Self { store, from, asked_stand_in: false, verdicts_left: VERDICTS }
    }

    /// Whom to ask now.
    pub(super) fn whom(&mut self) -> Result<Arc<dyn Joomla>, StoreError> {
        if self.store.has_turned() {
            let Some(taken) = self.store.young() else { return Err(self.store.error()) };
            let may = match self.from {
                From::Either => true,
                From::EitherWithPasswords => taken.has_passwords && self.store.settings.passwords,
                From::Database => false,
            };
            self.asked_stand_in = true;
            return if may { Ok(taken.store()) } else { Err(self.store.error()) };
        }
        match self.store.live() {
            Some(live) => Ok(live),
            None => Err(self.store.error()),
        }
    }

    /// Whether this is the answer; else somebody is asked once more.
    ///
    /// Slow answers are no failure: the call fails, and the watcher is told. Whatever else goes
    /// wrong is looked at before the call ends, unless it is known already.
    pub(super) async fn judge<T>(
        &mut self,
        answer: Result<T, StoreError>,
    ) -> Option<Result<T, StoreError>> {
        let Err(error) = answer else { return Some(answer) };
        if self.asked_stand_in {
            return Some(Err(error));
        }
        if matches!(error, StoreError::Timeout { .. }) {
            self.store.doubt.notify_one();
        } else if self.verdicts_left > 0 && !self.store.has_failed() {
            self.verdicts_left -= 1;
            self.store.verdict().await;
            // The snapshot stands in; or the database answers, and may have been away for a moment.
            return None;
        }
        if self.store.stand_in_now().is_some() { None } else { Some(Err(error)) }
    }
}
