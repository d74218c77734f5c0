//! Decides when the database has failed and when it is back, and has it copied meanwhile.
//!
//! One of them runs beside a store. It asks the database only after a call has met a failure, and
//! while it counts as failed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::schedule;
use super::store::WithSnapshot;
use super::taken::Taken;
use crate::joomla::{EndpointRows, Joomla, SiteRows, StoreError};
use crate::supervise::{Rounds, Task, Tasks};

/// Looks in a row that must get no answer in time before silence counts as a failure: a server that
/// is merely slow answers one of them.
const SILENT_LOOKS: u32 = 3;

/// From one look to the next while something is wrong.
const PAUSE: Duration = Duration::from_secs(1);

/// The same while the server is silent: it counts connections that come to nothing, and shuts out
/// whoever makes too many of them.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// What runs beside a [`WithSnapshot`].
pub struct Watcher {
    store: Arc<WithSnapshot>,
    verdicts: watch::Sender<u64>,
}

impl Watcher {
    pub(super) fn new(store: Arc<WithSnapshot>, verdicts: watch::Sender<u64>) -> Self {
        Self { store, verdicts }
    }

    /// Watches and copies until it is dropped. `apply` puts settings and end-points into force: the
    /// snapshot's before it answers, the database's before that answers again, so that settings of
    /// one never meet accounts of the other.
    pub async fn run(self, tasks: &Tasks, apply: impl Fn(&SiteRows, &EndpointRows) + Send + Sync) {
        let store = &*self.store;
        // Both in one task, see `WithSnapshot::offer`.
        let watch = |rounds| self.watch(&apply, rounds);
        let copy = |rounds| schedule::copy_regularly(store, rounds);
        tokio::join!(
            tasks.clone().keep(Task::SnapshotWatcher, watch),
            tasks.clone().keep(Task::SnapshotCopies, copy)
        );
    }

    async fn watch(
        &self,
        apply: &(impl Fn(&SiteRows, &EndpointRows) + Send + Sync),
        rounds: Rounds,
    ) {
        let store = &*self.store;
        let mut silent = 0;
        let mut stood_in = store.stand_in_now().is_some();
        let _watching = Watching::begin(self);
        if rounds.follow_a_panic() {
            // The look that met it is taken again.
            store.doubt.notify_one();
        }
        loop {
            rounds.begin();
            if store.has_failed() {
                if store.stand_in_now().is_none() && self.late(apply).await {
                    stood_in = true;
                }
                if stood_in && store.stand_in_now().is_none() {
                    stood_in = false;
                    tracing::error!(
                        "the snapshot is older than `snapshot_max_age`: nothing answers in place of \
                         the database any more"
                    );
                }
                let pause = if silent > 0 { LONG_PAUSE } else { PAUSE };
                if timeout(pause, store.late_one.notified()).await.is_ok() {
                    continue;
                }
            } else if silent > 0 {
                // Another call may meet a failure of another kind before the pause is over.
                let _ = timeout(PAUSE, store.doubt.notified()).await;
            } else {
                store.doubt.notified().await;
            }
            match self.look().await {
                Ok(()) => {
                    silent = 0;
                    if store.has_failed() && self.back(apply).await {
                        stood_in = false;
                    }
                }
                Err(error) => {
                    store.note(error.clone());
                    let is_silent = matches!(error, StoreError::Timeout { .. });
                    silent = if is_silent { silent + 1 } else { 0 };
                    if !store.has_failed() && (!is_silent || silent >= SILENT_LOOKS) {
                        stood_in = self.failed(&error, apply).await;
                    }
                }
            }
            self.verdicts.send_modify(|number| *number = number.wrapping_add(1));
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        self.store.reach().await?.probe().await
    }

    /// From here on the snapshot answers, where there is one; says whether it does.
    async fn failed(&self, error: &StoreError, apply: &impl Fn(&SiteRows, &EndpointRows)) -> bool {
        let store = &*self.store;
        loop {
            let Some(taken) = store.young() else {
                tracing::error!(%error, "the database has failed, and there is no snapshot young enough to answer in its place");
                store.set_failed();
                return false;
            };
            let read = rows(&*taken.store()).await;
            // A copy may have ended meanwhile: its accounts are not for these settings.
            if !store.taken().is_some_and(|now| Arc::ptr_eq(&now, &taken)) {
                continue;
            }
            match read {
                Ok((site, menu)) => {
                    let age = taken.age().unwrap_or_default().as_secs();
                    tracing::error!(%error, age, "the database has failed: its snapshot answers");
                    self.turn_to(taken, || apply(&site, &menu));
                    return true;
                }
                Err(unreadable) => {
                    tracing::error!(%error, %unreadable, "the database has failed, and its snapshot cannot be read");
                    store.replace(None);
                    store.set_failed();
                    return false;
                }
            }
        }
    }

    /// Nothing answers, but a copy has come to its end after all; says whether that answers now.
    async fn late(&self, apply: &impl Fn(&SiteRows, &EndpointRows)) -> bool {
        let store = &*self.store;
        let Some(taken) = store.take_late() else { return false };
        match rows(&*taken.store()).await {
            Ok((site, menu)) => {
                let age = taken.age().unwrap_or_default().as_secs();
                tracing::warn!(
                    age,
                    "the snapshot that was being taken when the database failed answers in its place"
                );
                self.turn_to(taken, || apply(&site, &menu));
                store.stand_in_now().is_some()
            }
            Err(error) => {
                tracing::error!(%error, "the snapshot that was being taken when the database failed cannot be read");
                false
            }
        }
    }

    /// From here on this snapshot answers, with its own settings.
    fn turn_to(&self, taken: Arc<Taken>, apply: impl FnOnce()) {
        let store = &*self.store;
        let _turning = Turning::begin(store);
        apply();
        store.replace(Some(taken));
        store.set_turned(true);
    }

    /// The database answers a look; says whether it does the rest, and answers requests again.
    async fn back(&self, apply: &impl Fn(&SiteRows, &EndpointRows)) -> bool {
        let store = &*self.store;
        let Some(live) = store.live() else { return false };
        match rows(&*live).await {
            Ok((site, menu)) => {
                {
                    let _turning = Turning::begin(store);
                    apply(&site, &menu);
                    store.set_turned(false);
                }
                if let Some(late) = store.take_late() {
                    store.replace(Some(late));
                }
                tracing::info!("the database answers again");
                true
            }
            Err(error) => {
                store.note(error);
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
        watcher.store.is_watched.store(true, Ordering::Release);
        Self(watcher)
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.store.is_watched.store(false, Ordering::Release);
        self.0.verdicts.send_modify(|number| *number = number.wrapping_add(1));
    }
}

/// A change of who answers. It comes to an end also where it comes to nothing.
struct Turning<'s>(&'s WithSnapshot);

impl<'s> Turning<'s> {
    fn begin(store: &'s WithSnapshot) -> Self {
        store.next_turn();
        Self(store)
    }
}

impl Drop for Turning<'_> {
    fn drop(&mut self) {
        self.0.next_turn();
    }
}

async fn rows(joomla: &(impl Joomla + ?Sized)) -> Result<(SiteRows, EndpointRows), StoreError> {
    Ok((joomla.site_rows().await?, joomla.endpoint_rows().await?))
}
