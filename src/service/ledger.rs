//! Keeps the ledger open while the service runs, and tells the operator whether it answers.
//!
//! Requests do not depend on it: a ledger that fails is told in the log and by a metric, and is
//! tried again until it answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::http::metrics::Metrics;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger, LedgerError};
use crate::supervise::{Rounds, Task};

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(2);

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
    /// Opens the ledger, and looks after it from then on. `None` without a ledger.
    pub(super) fn start(path: Option<&Path>, metrics: &Metrics) -> Option<Self> {
        let path = path?.to_owned();
        let failing = metrics.ledger_failing.clone();
        let watch = move |rounds| watch(path.clone(), failing.clone(), rounds);
        Some(Self(tokio::spawn(metrics.tasks.clone().keep(Task::Ledger, watch))))
    }
}

async fn watch(path: PathBuf, failing: Gauge, rounds: Rounds) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ledger = None;
    let mut health = Health { path: &path, failing, is_failing: None };
    loop {
        rounds.begin();
        ticks.tick().await;
        let mut look = Box::pin(look(&path, ledger.take()));
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
    }
}

/// Asks the ledger for its revision; opens it first if it is not open.
async fn look(path: &Path, ledger: Option<SqliteLedger>) -> Result<SqliteLedger, LedgerError> {
    let ledger = match ledger {
        Some(open) => open,
        None => SqliteLedger::open(path).await?,
    };
    ledger.revision().await?;
    Ok(ledger)
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
                "the ledger fails; it is tried again every two seconds"
            );
        }
    }
}
