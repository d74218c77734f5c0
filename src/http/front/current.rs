//! Holds the front in force. A reload replaces it; requests that are under way finish with the one
//! they began with.

use std::sync::Arc;

use parking_lot::RwLock;

use http::StatusCode;

use super::Front;
use crate::http::body::RawBody;
use crate::http::filter::Answers;
use crate::http::head::Head;
use crate::http::reply;
use crate::http::response::Response;

/// The cell with the front in force.
pub struct Current(RwLock<Option<Arc<Front>>>);

impl Current {
    /// Begins with this front.
    #[must_use]
    pub fn new(front: Front) -> Self {
        Self(RwLock::new(Some(Arc::new(front))))
    }

    /// Returns the front in force; `None` once the service has answered its last request.
    #[must_use]
    pub fn front(&self) -> Option<Arc<Front>> {
        self.0.read().clone()
    }

    /// Puts another front into force, unless the requests have ended. The former one is dropped
    /// after its last request.
    pub fn replace(&self, front: Front) {
        let new = Arc::new(front);
        self.exchange(|current| current.is_some().then_some(new));
    }

    /// Ends all requests. The writer of trace rows waits until the front is dropped; it need not
    /// wait for clients that still ask how the service is.
    pub fn end(&self) {
        self.exchange(|_| None);
    }

    fn exchange(&self, next: impl FnOnce(&Option<Arc<Front>>) -> Option<Arc<Front>>) {
        let old = {
            let mut current = self.0.write();
            let next = next(&current);
            std::mem::replace(&mut *current, next)
        };
        // Drop it without the lock: parts of it close connections.
        drop(old);
    }
}

impl Answers for Current {
    async fn answer(&self, head: Arc<Head>, body: RawBody) -> Response {
        match self.front() {
            Some(front) => front.handle(head, body).await,
            None => reply::plain(StatusCode::SERVICE_UNAVAILABLE, "The server stops.\n"),
        }
    }
}
