//! Keeps the ledger open while the service runs, and tells the operator whether it answers.
//!
//! Requests do not depend on it: a ledger that fails is told in the log and by a metric, and is
//! tried again until it answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::releases::LedgerReleases;
use crate::admin::metrics::Metrics;
use crate::ledger::LedgerError;
use crate::ledger::sqlite::SqliteLedger;
use crate::supervise::{Rounds, Task};

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// The time after which a ledger without an answer counts as failing.
const LIMIT: Duration = Duration::from_secs(5);

/// The watch over a ledger; it ends with this.
pub(super) struct LedgerWatch(JoinHandle<()>);

impl Drop for LedgerWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl LedgerWatch {
    /// Opens the ledger, reads the releases, and looks after it from then on. `None` without a
    /// ledger.
    pub(super) async fn start(
        path: Option<&Path>,
        metrics: &Metrics,
        releases: &LedgerReleases,
    ) -> Option<Self> {
        let path = path?.to_owned();
        let (looked, first_look) = watch::channel(());
        let work = Work {
            path,
            failing: metrics.ledger_failing.clone(),
            releases: releases.clone(),
            looked,
        };
        let work = Arc::new(work);
        let watch = move |rounds| Arc::clone(&work).go_on(rounds);
        let watch = Self(tokio::spawn(metrics.tasks.clone().keep(Task::Ledger, watch)));
        let mut first_look = first_look;
        // A ledger that fails does not keep the service from its start.
        let _ = timeout(LIMIT, first_look.changed()).await;
        Some(watch)
    }
}

/// The data of the watch.
struct Work {
    path: PathBuf,
    failing: Gauge,
    releases: LedgerReleases,
    /// Told after each look.
    looked: watch::Sender<()>,
}

impl Work {
    async fn go_on(self: Arc<Self>, rounds: Rounds) {
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ledger = None;
        let failing = self.failing.clone();
        let mut health = Health { path: &self.path, failing, is_failing: None };
        loop {
            rounds.begin();
            ticks.tick().await;
            let mut look = Box::pin(self.look(ledger.take()));
            let seen = if let Ok(seen) = timeout(LIMIT, &mut look).await {
                seen
            } else {
                health.fails(&"it does not answer");
                look.await
            };
            match seen {
                Ok(open) => {
                    health.answers();
                    ledger = Some(open);
                }
                Err(error) => health.fails(&error),
            }
            self.looked.send_replace(());
        }
    }

    /// Reads the releases if the ledger has another revision; opens it first if it is not open.
    async fn look(&self, ledger: Option<SqliteLedger>) -> Result<SqliteLedger, LedgerError> {
        if let Some(open) = ledger {
            self.releases.read(&open).await?;
            return Ok(open);
        }
        let open = SqliteLedger::open(&self.path).await?;
        self.releases.read(&open).await?;
        self.releases.let_requests_ask(&open);
        Ok(open)
    }
}

/// Whether the ledger answers, told when that changes.
struct Health<'p> {
    path: &'p Path,
    failing: Gauge,
    is_failing: Option<bool>,
}

impl Health<'_> {
    fn answers(&mut self) {
        self.failing.set(0);
        if self.is_failing.replace(false) != Some(false) {
            tracing::info!(path = %self.path.display(), "the ledger answers");
        }
    }

    fn fails(&mut self, reason: &dyn std::fmt::Display) {
        self.failing.set(1);
        if self.is_failing.replace(true) != Some(true) {
            tracing::error!(
                path = %self.path.display(),
                %reason,
                "the ledger fails; it is tried again every second"
            );
        }
    }
}
