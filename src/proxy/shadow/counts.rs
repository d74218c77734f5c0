//! Counts the comparisons, and logs a line for each difference.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::Ours;
use super::seen::ShadowAnswer;
use crate::http::counts::HttpCounts;
use crate::http::counts::labels::Comparison;
use crate::supervise::Tasks;

/// Numbers of requests in shadow mode.
#[derive(Debug, Default)]
pub struct ShadowCounts {
    counts: Arc<HttpCounts>,
    same: AtomicU64,
    different: AtomicU64,
    dropped: AtomicU64,
    unread: AtomicU64,
    begun: AtomicU64,
    settled: Notify,
}

/// The numbers at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Both answered alike.
    pub same: u64,
    /// The answers differ; the log has a line for each.
    pub different: u64,
    /// Not compared, as too many comparisons were under way.
    pub dropped: u64,
    /// PHP's answer was not complete, or could not be read.
    pub unread: u64,
}

impl ShadowCounts {
    /// Begins at zero. Each comparison is counted in `counts`, too.
    #[must_use]
    pub fn new(counts: Arc<HttpCounts>) -> Self {
        Self { counts, ..Self::default() }
    }

    /// Returns the numbers now.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Totals {
            same: now(&self.same),
            different: now(&self.different),
            dropped: now(&self.dropped),
            unread: now(&self.unread),
        }
    }

    /// Logs the numbers.
    pub fn report(&self) {
        let Totals { same, different, dropped, unread } = self.totals();
        tracing::info!(
            target: "jbackend_bridge::shadow",
            same, different, dropped, unread,
            "answers compared with PHP's so far"
        );
    }

    /// Waits until all answers that were computed are compared.
    pub async fn all_settled(&self) {
        loop {
            let mut next = std::pin::pin!(self.settled.notified());
            next.as_mut().enable();
            let Totals { same, different, unread, .. } = self.totals();
            if same + different + unread >= self.begun.load(Ordering::Relaxed) {
                return;
            }
            next.await;
        }
    }

    pub(super) fn begun(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) {
        self.counts.compared("-", Comparison::Dropped);
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn unread(&self, ours: &Ours) {
        self.counts.compared(ours.resource, Comparison::Unread);
        self.settle(&self.unread);
    }

    /// Counts an answer that was not computed, because of a fault of the program.
    pub(super) fn failed(&self) {
        self.counts.compared("-", Comparison::Unread);
        self.settle(&self.unread);
    }

    /// Returns the tasks, which watch the comparisons.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.counts.tasks
    }

    fn settle(&self, count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
        self.settled.notify_waiters();
    }

    pub(super) fn compare(&self, ours: &Ours, theirs: &ShadowAnswer) {
        let (bridge, php) = (&ours.seen, theirs);
        let email = verdict(pair(bridge, php).map(|(one, other)| one.0 == other.0));
        let key = verdict(pair(bridge, php).map(|(one, other)| one.1 == other.1));
        // A web server that compresses or cuts a file into chunks does not tell its length.
        let length = bridge.length.zip(php.length).is_none_or(|(one, other)| one == other);
        let has_key = bridge.key.is_some() == php.key.is_some();
        let same = bridge.code == php.code && has_key && length;
        if same && ![email, key].contains(&DIFFERENT) {
            self.counts.compared(ours.resource, Comparison::Same);
            self.settle(&self.same);
            return;
        }
        tracing::warn!(
            target: "jbackend_bridge::shadow",
            resource = ours.resource,
            id = ours.id.as_deref().unwrap_or("-"),
            php = php.code,
            bridge = bridge.code,
            key,
            email,
            php_length = php.length,
            bridge_length = bridge.length,
            "PHP and the bridge answer differently"
        );
        self.counts.compared(ours.resource, Comparison::Different);
        self.settle(&self.different);
    }
}

type CountKey = (String, String);

fn pair<'s>(
    bridge: &'s ShadowAnswer,
    php: &'s ShadowAnswer,
) -> Option<(&'s CountKey, &'s CountKey)> {
    bridge.key.as_ref().zip(php.key.as_ref())
}

const DIFFERENT: &str = "different";

fn verdict(same: Option<bool>) -> &'static str {
    match same {
        None => "-",
        Some(true) => "same",
        Some(false) => DIFFERENT,
    }
}
