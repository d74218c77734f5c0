//! The releases in force: those of the ledger, as they were read last.
//!
//! The watch over the ledger replaces them. A request first asks whether the ledger has been written
//! to, so that a release that was withdrawn is refused at the next request. Must not import: `ledger`.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::future::BoxFuture;

use crate::release::record::ReleaseRecord;

/// The source of the releases.
pub trait ReleaseSource: Send + Sync {
    /// Whether it may hold others than were read last. Takes no time.
    fn is_due(&self) -> bool;

    /// Reads them, within a limit. If it fails, the last ones stay in force.
    fn read(&self) -> BoxFuture<'_, ()>;
}

/// The releases in force. Clones share them.
#[derive(Clone, Default)]
pub struct LiveReleases(Arc<Shared>);

#[derive(Default)]
struct Shared {
    records: ArcSwap<Vec<Arc<ReleaseRecord>>>,
    source: ArcSwapOption<Box<dyn ReleaseSource>>,
}

impl LiveReleases {
    /// Puts others in their place. They are in force in the next view.
    pub fn replace(&self, records: Vec<Arc<ReleaseRecord>>) {
        self.0.records.store(Arc::new(records));
    }

    /// Names the source that requests ask from now on.
    pub fn follow(&self, source: Option<Box<dyn ReleaseSource>>) {
        self.0.source.store(source.map(Arc::new));
    }

    /// Returns all of them, of any state.
    #[must_use]
    pub fn all(&self) -> Arc<Vec<Arc<ReleaseRecord>>> {
        self.0.records.load_full()
    }

    /// Reads them if that is due.
    pub(super) async fn bring_up_to_date(&self) {
        let is_due = self.0.source.load().as_ref().is_some_and(|source| source.is_due());
        if is_due && let Some(source) = self.0.source.load_full() {
            source.read().await;
        }
    }
}
