//! Decides when the database has failed and when it is back, and has it copied meanwhile.
//!
//! One of them runs beside a store. It asks the database only after a call has met a failure, and
//! while it counts as failed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::copy_store::CopyStore;
use super::failover::Failover;
use super::schedule;
use super::standby_copy::StandbyCopy;
use crate::store::{EndpointRows, Joomla, SiteRows, StoreError};
use crate::supervise::{Rounds, Task, Tasks};

/// Looks in a row that must get no answer in time before silence counts as a failure: a server that
/// is merely slow answers one of them.
const SILENT_LOOKS: u32 = 3;

/// From one look to the next while something is wrong.
const PAUSE: Duration = Duration::from_secs(1);

/// The same while the server is silent: it counts failed connections, and blocks hosts that make
/// too many of them.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// A store that begins to answer, with the settings and end-points that it holds.
pub struct Handover {
    /// The database, or a copy of it.
    pub store: Arc<dyn Joomla>,
    /// The source of its settings.
    pub site: SiteRows,
    /// The source of its end-points.
    pub menu: EndpointRows,
}

impl Handover {
    async fn read(store: Arc<dyn Joomla>) -> Result<Self, StoreError> {
        let site = store.site_rows().await?;
        let menu = store.endpoint_rows().await?;
        Ok(Self { store, site, menu })
    }
}

/// The task that runs beside a [`Failover`].
pub struct Watcher {
    failover: Arc<Failover>,
    looks: watch::Sender<u64>,
}

impl Watcher {
    pub(super) fn new(failover: Arc<Failover>, looks: watch::Sender<u64>) -> Self {
        Self { failover, looks }
    }

    /// Watches and copies until it is dropped. `publish` puts a store into force together with its own
    /// settings, so that settings of one never meet accounts of the other.
    pub async fn run(self, tasks: &Tasks, publish: impl Fn(Handover) + Send + Sync) {
        let watch = |rounds| self.watch(&publish, rounds);
        let copy = |rounds| schedule::copy_regularly(&self.failover, rounds);
        tokio::join!(
            tasks.clone().keep(Task::SnapshotWatcher, watch),
            tasks.clone().keep(Task::SnapshotCopies, copy)
        );
    }

    async fn watch(&self, publish: &(impl Fn(Handover) + Send + Sync), rounds: Rounds) {
        let failover = &*self.failover;
        let mut silent = 0;
        let mut stood_in = failover.answering_now().is_some();
        let _watching = Watching::begin(self);
        if rounds.follow_a_panic() {
            // The look that met it is taken again.
            failover.doubt();
        }
        loop {
            rounds.begin();
            if failover.has_failed() {
                if failover.answering_now().is_none() && self.late(publish).await {
                    stood_in = true;
                }
                if stood_in && failover.answering_now().is_none() {
                    stood_in = false;
                    tracing::error!(
                        "the snapshot is older than `snapshot_max_age`: nothing answers in place of \
                         the database any more"
                    );
                }
                let pause = if silent > 0 { LONG_PAUSE } else { PAUSE };
                if timeout(pause, failover.new_copy.notified()).await.is_ok() {
                    continue;
                }
            } else if silent > 0 {
                // Another call may meet a failure of another kind before the pause is over.
                let _ = timeout(PAUSE, failover.doubt.notified()).await;
            } else {
                failover.doubt.notified().await;
            }
            match self.look().await {
                Ok(()) => {
                    silent = 0;
                    if failover.has_failed() && self.back(publish).await {
                        stood_in = false;
                    }
                }
                Err(error) => {
                    failover.note(error.clone());
                    let is_silent = matches!(error, StoreError::Timeout { .. });
                    silent = if is_silent { silent + 1 } else { 0 };
                    if !failover.has_failed() && (!is_silent || silent >= SILENT_LOOKS) {
                        stood_in = self.failed(&error, publish).await;
                    }
                }
            }
            self.looks.send_modify(|number| *number = number.wrapping_add(1));
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        self.failover.reach().await?.probe().await
    }

    /// Lets the newest copy answer from here on, if it is young enough; says whether it does.
    async fn failed(&self, error: &StoreError, publish: &impl Fn(Handover)) -> bool {
        let failover = &*self.failover;
        let Some(taken) = failover.young() else {
            tracing::error!(%error, "the database has failed, and there is no snapshot young enough to answer in its place");
            failover.note_state(true, None);
            return false;
        };
        let age = taken.age().unwrap_or_default().as_secs();
        match self.hand_over_to(taken, publish).await {
            Ok(()) => {
                tracing::error!(%error, age, "the database has failed: its snapshot answers");
                true
            }
            Err(unreadable) => {
                tracing::error!(%error, %unreadable, "the database has failed, and its snapshot cannot be read");
                failover.replace(None);
                failover.note_state(true, None);
                false
            }
        }
    }

    /// Checks for a copy that was finished late, while no store answers; returns whether that one
    /// answers now.
    async fn late(&self, publish: &impl Fn(Handover)) -> bool {
        let failover = &*self.failover;
        let Some(taken) = failover.young() else { return false };
        let age = taken.age().unwrap_or_default().as_secs();
        match self.hand_over_to(taken, publish).await {
            Ok(()) => {
                tracing::warn!(
                    age,
                    "the snapshot that was being taken when the database failed answers in its place"
                );
                failover.answering_now().is_some()
            }
            Err(error) => {
                failover.replace(None);
                tracing::error!(%error, "the snapshot that was being taken when the database failed cannot be read");
                false
            }
        }
    }

    /// Lets this copy answer, with its own settings.
    async fn hand_over_to(
        &self,
        taken: Arc<StandbyCopy>,
        publish: &impl Fn(Handover),
    ) -> Result<(), StoreError> {
        let store = CopyStore::of(Arc::clone(&taken), &self.failover);
        publish(Handover::read(store).await?);
        self.failover.note_state(true, Some(taken));
        Ok(())
    }

    /// The database answers a look; says whether it does the rest, and answers requests again.
    async fn back(&self, publish: &impl Fn(Handover)) -> bool {
        let failover = &*self.failover;
        let Some(live) = failover.live() else { return false };
        match Handover::read(live).await {
            Ok(handover) => {
                publish(handover);
                failover.note_state(false, None);
                tracing::info!("the database answers again");
                true
            }
            Err(error) => {
                failover.note(error);
                false
            }
        }
    }
}

/// As long as it lives, calls that met a failure may wait for the next look. None waits for a watcher
/// that rests after a panic.
struct Watching<'w>(&'w Watcher);

impl<'w> Watching<'w> {
    fn begin(watcher: &'w Watcher) -> Self {
        watcher.failover.is_watched.store(true, Ordering::Release);
        Self(watcher)
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.failover.is_watched.store(false, Ordering::Release);
        self.0.looks.send_modify(|number| *number = number.wrapping_add(1));
    }
}
