//! The front in force. A reload puts another one in its place: requests that are under way finish
//! with the one they began with.

use std::sync::{Arc, PoisonError, RwLock};

use super::route::Front;

/// Where requests find what they are answered with.
pub struct Current(RwLock<Option<Arc<Front>>>);

impl Current {
    /// Begins with this one.
    #[must_use]
    pub fn new(front: Front) -> Self {
        Self(RwLock::new(Some(Arc::new(front))))
    }

    /// The one in force; `None` once the service has answered its last request.
    #[must_use]
    pub fn front(&self) -> Option<Arc<Front>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another one into force, unless there are no more requests. The former one ends with its
    /// last request.
    pub fn replace(&self, front: Front) {
        let new = Arc::new(front);
        self.exchange(|current| current.is_some().then_some(new));
    }

    /// There are no more requests. Whoever waits for the front to go, as the writer of trace rows
    /// does, need not wait for those who still ask how the service is.
    pub fn end(&self) {
        self.exchange(|_| None);
    }

    fn exchange(&self, next: impl FnOnce(&Option<Arc<Front>>) -> Option<Arc<Front>>) {
        let old = {
            let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
            let next = next(&current);
            std::mem::replace(&mut *current, next)
        };
        // Not under the lock: what hangs on it closes connections.
        drop(old);
    }
}
