//! How a database with a copy beside it is opened: which of the two answers first.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;

use super::StandbySettings;
use super::copy_store::CopyStore;
use super::failover::{Failover, OpenDatabase};
use super::standby_copy::{StandbyCopy, Unusable};
use super::watch::Watcher;
use crate::store::{Joomla, StoreError};

/// A database that was opened.
pub struct OpenedDatabase {
    /// The first store to answer: the database, or its copy.
    pub store: Arc<dyn Joomla>,
    /// The state of the two.
    pub failover: Arc<Failover>,
    /// The task to run beside it.
    pub watcher: Watcher,
}

impl Failover {
    /// Opens the database. If it cannot be reached `at_start`, and there is a copy of the same site that
    /// is young enough, the copy answers.
    ///
    /// # Errors
    /// The database's own, also if it answers and refuses: then the configuration is mostly wrong.
    pub async fn open(
        settings: StandbySettings,
        open: OpenDatabase,
        at_start: bool,
    ) -> Result<OpenedDatabase, StoreError> {
        let to_open = settings.clone();
        let taken = spawn_blocking(move || StandbyCopy::open(&to_open)).await;
        let taken = match taken.unwrap_or_else(|_| Err(Unusable::Missing(settings.file.clone()))) {
            Ok(taken) => Some(Arc::new(taken)),
            Err(Unusable::Missing(_)) => None,
            Err(unusable) => {
                tracing::warn!(%unusable, "the snapshot there is cannot be used");
                None
            }
        };
        let max_age = settings.max_age;
        let beginning = taken.clone().filter(|taken| at_start && taken.is_within(max_age));
        let (live, failure) = match (open().await, &beginning) {
            (Ok(opened), _) => (OnceLock::from(opened), None),
            (Err(error), Some(taken)) if error.is_out_of_reach() => {
                let age = taken.age().unwrap_or_default().as_secs();
                tracing::error!(%error, age, "the database cannot be reached: its snapshot answers");
                (OnceLock::new(), Some(error))
            }
            (Err(error), _) => return Err(error),
        };
        let answering = beginning.filter(|_| failure.is_some());
        let (sender, looks) = watch::channel(0);
        let failover = Arc::new(Self {
            settings,
            open,
            live,
            failed: AtomicBool::new(failure.is_some()),
            taken: Mutex::new(taken),
            answering: Mutex::new(answering.clone()),
            new_copy: Notify::new(),
            wanted_since: Instant::now(),
            error: Mutex::new(failure),
            doubt: Notify::new(),
            looks,
            is_watched: AtomicBool::new(false),
        });
        let store: Arc<dyn Joomla> = match (answering, failover.live()) {
            (None, Some(live)) => live,
            (Some(taken), _) => CopyStore::of(taken, &failover),
            // There is no third case: a database that failed to open had a copy, or was returned
            // above.
            (None, None) => return Err(failover.error()),
        };
        let watcher = Watcher::new(Arc::clone(&failover), sender);
        Ok(OpenedDatabase { store, failover, watcher })
    }
}
