//! A copy of PHP's JSON answer, made while it streams to the client.

use http::HeaderMap;
use tokio::sync::oneshot;

use super::seen::{Coding, LONGEST, ShadowAnswer};

/// Collects an answer. If it is dropped before the answer's end, there is nothing to compare.
pub(in crate::proxy) struct Tee {
    arrival: Option<oneshot::Sender<ShadowAnswer>>,
    coding: Coding,
    copy: Vec<u8>,
}

impl Tee {
    pub(super) fn new(arrival: oneshot::Sender<ShadowAnswer>, headers: &HeaderMap) -> Self {
        Self { arrival: Some(arrival), coding: Coding::of(headers), copy: Vec::new() }
    }

    /// Adds the next bytes.
    pub(in crate::proxy) fn push(&mut self, bytes: &[u8]) {
        if self.copy.len() + bytes.len() > LONGEST {
            self.arrival = None;
            self.copy = Vec::new();
        } else if self.arrival.is_some() {
            self.copy.extend_from_slice(bytes);
        }
    }

    /// Reads the complete answer and sends it to the comparison.
    pub(in crate::proxy) fn finish(self) {
        if let Some(arrival) = self.arrival
            && let Some(seen) = ShadowAnswer::of_json(&self.copy, &self.coding)
        {
            // Sending fails if the bridge is stopping and has dropped the receiver.
            let _ = arrival.send(seen);
        }
    }
}
