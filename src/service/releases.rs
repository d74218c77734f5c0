//! Brings the releases of the ledger to the site: for each request, and for update XML.
//!
//! Called by the watch over the ledger and, by way of the site's view, by each request.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::timeout;

use crate::ledger::sqlite::{SqliteLedger, WriteStamp};
use crate::ledger::{Ledger, LedgerError};
use crate::site::LiveSite;
use crate::site::live_releases::{LiveReleases, ReleaseSource};
use crate::supervise::{Rounds, Task, Tasks};
use crate::updates::publication::Publication;

/// Time for which a request waits for the ledger, before the releases that were read last count.
const PATIENCE: Duration = Duration::from_secs(1);

/// The releases of the ledger, and the news that they have changed. Clones share them.
#[derive(Clone, Default)]
pub(super) struct LedgerReleases {
    pub(super) records: LiveReleases,
    revision: Arc<Revision>,
    /// The ledger while it answers.
    open: Arc<Mutex<Option<SqliteLedger>>>,
}

struct Revision {
    /// The revision that was read last.
    known: watch::Sender<i64>,
    /// Of several readers at a time the first reads.
    reading: AsyncMutex<()>,
}

impl Default for Revision {
    fn default() -> Self {
        Self { known: watch::Sender::new(0), reading: AsyncMutex::default() }
    }
}

/// The news of changed releases, from one moment on.
pub(super) struct ReleaseNews(watch::Receiver<i64>);

impl LedgerReleases {
    /// Starts to listen.
    pub(super) fn news(&self) -> ReleaseNews {
        ReleaseNews(self.revision.known.subscribe())
    }

    /// The ledger; `None` while it fails, and without one.
    pub(super) fn ledger(&self) -> Option<Arc<dyn Ledger>> {
        let open = self.open.lock().clone();
        open.map(|open| Arc::new(open) as Arc<dyn Ledger>)
    }

    pub(super) fn set_open(&self, ledger: Option<SqliteLedger>) {
        *self.open.lock() = ledger;
    }

    /// Reads the releases if the ledger has another revision.
    pub(super) async fn read(&self, ledger: &SqliteLedger) -> Result<(), LedgerError> {
        let _reading = self.revision.reading.lock().await;
        let revision = ledger.revision().await?;
        if *self.revision.known.borrow() == revision {
            return Ok(());
        }
        let records = ledger.releases().await?;
        self.records.replace(records.into_iter().map(Arc::new).collect());
        self.revision.known.send_replace(revision);
        Ok(())
    }

    /// Lets each request ask this ledger whether it was written to.
    pub(super) fn let_requests_ask(&self, ledger: &SqliteLedger) {
        let stamp = WriteStamp::open(ledger.path());
        let source = stamp.map(|stamp| -> Box<dyn ReleaseSource> {
            Box::new(AskedLedger {
                ledger: ledger.clone(),
                releases: self.clone(),
                stamp,
                seen: Mutex::new(None),
            })
        });
        if let Err(error) = &source {
            tracing::warn!(%error, "changed releases are in force within a second: the index of the ledger cannot be read");
        }
        self.records.follow(source.ok());
    }
}

/// A ledger that requests ask.
struct AskedLedger {
    ledger: SqliteLedger,
    releases: LedgerReleases,
    stamp: WriteStamp,
    /// The stamp before the releases were read last.
    seen: Mutex<Option<Vec<u8>>>,
}

impl ReleaseSource for AskedLedger {
    fn is_due(&self) -> bool {
        let Ok(now) = self.stamp.read() else { return false };
        let seen = self.seen.lock();
        seen.as_deref() != Some(now.as_slice())
    }

    fn read(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let before = self.stamp.read().ok();
            // The watch tells a failure, and reads again a second later.
            let _ = timeout(PATIENCE, self.releases.read(&self.ledger)).await;
            *self.seen.lock() = before.map(Vec::from);
        })
    }
}

impl ReleaseNews {
    /// Lets a site follow: changed releases are in force in its next view.
    pub(super) async fn followed_by(
        self,
        site: Arc<LiveSite>,
        xml: Arc<Publication>,
        tasks: Tasks,
    ) {
        let follow = move |rounds: Rounds| {
            let (site, xml, mut revision) = (Arc::clone(&site), Arc::clone(&xml), self.0.clone());
            async move {
                while revision.changed().await.is_ok() {
                    rounds.begin();
                    site.refresh_releases();
                    xml.wake();
                }
            }
        };
        tasks.keep(Task::Releases, follow).await;
    }
}
