//! The state of a database that has a copy beside it: whether it has failed, and which copy answers
//! then.
//!
//! Shared by the [`Watcher`], the only one to change it, and by requests, which read it after a
//! failure and wait for the watcher's next probe.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::standby_copy::StandbyCopy;
use super::{CopySource, CopyState, StandbySettings};
use crate::store::StoreError;

/// A database that is being opened.
pub type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn CopySource>, StoreError>> + Send>>;

/// Opens the database, again and again until it succeeds.
pub type OpenDatabase = Box<dyn Fn() -> Opening + Send + Sync>;

/// A Joomla site's database with a copy beside it.
pub struct Failover {
    pub(super) settings: StandbySettings,
    pub(super) open: OpenDatabase,
    pub(super) live: OnceLock<Arc<dyn CopySource>>,
    /// Whether the database counts as failed.
    pub(super) failed: AtomicBool,
    /// The newest copy.
    pub(super) taken: Mutex<Option<Arc<StandbyCopy>>>,
    /// The copy that answers. It may have grown too old: until the database is back, there is no
    /// other source.
    pub(super) answering: Mutex<Option<Arc<StandbyCopy>>>,
    /// A copy was taken that may answer.
    pub(super) new_copy: Notify,
    pub(super) wanted_since: Instant,
    /// Why the database failed the last time.
    pub(super) error: Mutex<Option<StoreError>>,
    /// A call has met a failure.
    pub(super) doubt: Notify,
    pub(super) looks: watch::Receiver<u64>,
    /// Whether a watcher looks at failures.
    pub(super) is_watched: AtomicBool,
}

impl Failover {
    /// The database if it was ever reached; else it is tried now.
    pub(super) async fn reach(&self) -> Result<Arc<dyn CopySource>, StoreError> {
        if let Some(live) = self.live.get() {
            return Ok(Arc::clone(live));
        }
        let opened = (self.open)().await?;
        Ok(Arc::clone(self.live.get_or_init(|| opened)))
    }

    /// The database if it was ever reached.
    pub(super) fn live(&self) -> Option<Arc<dyn CopySource>> {
        self.live.get().cloned()
    }

    /// The copy that answers, while it is young enough for it.
    pub(super) fn answering_now(&self) -> Option<Arc<StandbyCopy>> {
        locked(&self.answering).filter(|taken| taken.is_within(self.settings.max_age))
    }

    /// The newest copy if it is young enough to answer.
    pub(super) fn young(&self) -> Option<Arc<StandbyCopy>> {
        self.taken().filter(|taken| taken.is_within(self.settings.max_age))
    }

    /// The newest copy, whatever its age.
    pub(super) fn taken(&self) -> Option<Arc<StandbyCopy>> {
        locked(&self.taken)
    }

    /// Takes a new copy. The one that answers stays, with the settings that came with it.
    pub(super) fn offer(&self, taken: StandbyCopy) {
        self.replace(Some(Arc::new(taken)));
        if self.has_failed() {
            self.new_copy.notify_one();
        }
    }

    /// Puts a copy, or none, in the place of the newest one.
    pub(super) fn replace(&self, taken: Option<Arc<StandbyCopy>>) {
        *self.taken.lock() = taken;
    }

    /// Whether the database counts as failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Notes that the database has failed, and which copy answers in its place, or that it is back.
    pub(super) fn note_state(&self, failed: bool, answering: Option<Arc<StandbyCopy>>) {
        *self.answering.lock() = answering;
        self.failed.store(failed, Ordering::Release);
    }

    /// Why the database counts as failed.
    pub(super) fn error(&self) -> StoreError {
        locked(&self.error).unwrap_or_else(|| StoreError::Broken {
            place: self.settings.site.clone(),
            reason: "it has not answered yet".to_owned(),
        })
    }

    pub(super) fn note(&self, error: StoreError) {
        *self.error.lock() = Some(error);
    }

    /// Lets the watcher look at the database soon, without waiting for it.
    pub fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// Waits until the watcher has looked at the database once more; returns at once if none watches.
    pub async fn next_look(&self) {
        if !self.is_watched.load(Ordering::Acquire) {
            return;
        }
        let mut looks = self.looks.clone();
        looks.mark_unchanged();
        self.doubt();
        // An error: the watcher has gone, and with it this configuration.
        let _ = looks.changed().await;
    }

    /// The state of the copy, for metrics.
    #[must_use]
    pub fn state(&self) -> CopyState {
        let answering = self.answering_now();
        let shown = answering.clone().or_else(|| self.taken());
        let age = shown.map_or(Some(self.wanted_since.elapsed()), |taken| taken.age());
        CopyState {
            answers: answering.is_some(),
            age: age.unwrap_or(Duration::MAX),
            max_age: self.settings.max_age,
        }
    }
}

fn locked<T: Clone>(cell: &Mutex<Option<T>>) -> Option<T> {
    cell.lock().clone()
}
