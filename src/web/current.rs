//! The front in force. A reload puts another one in its place: requests that are under way finish
//! with the one they began with.

use std::sync::{Arc, PoisonError, RwLock};

use super::route::Front;

/// Where requests find what they are answered with.
pub struct Current(RwLock<Arc<Front>>);

impl Current {
    /// Begins with this one.
    #[must_use]
    pub fn new(front: Front) -> Self {
        Self(RwLock::new(Arc::new(front)))
    }

    /// The one in force.
    #[must_use]
    pub fn front(&self) -> Arc<Front> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another one into force. The former one ends with its last request.
    pub fn replace(&self, front: Front) {
        let new = Arc::new(front);
        let old = {
            let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, new)
        };
        // Not under the lock: what hangs on it closes connections.
        drop(old);
    }
}
