//! A clock that only moves when a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Starts at zero; clones are the same clock.
#[derive(Clone, Default)]
pub(super) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(super) fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(micros, Ordering::Relaxed);
    }

    /// Returns the reading function for `Buckets::with_clock`.
    pub(super) fn reading(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let clock = self.clone();
        move || Duration::from_micros(clock.0.load(Ordering::Relaxed))
    }
}
