//! What outlives a reload: limits that hold for the whole process, and what is counted.
//!
//! A second set of them would double the memory downloads may take, lose mails that wait, or send
//! counters back to nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::MAILS_WAITING;
use super::limits::LastingLimits;
use super::package_memory::PackageMemory;
use super::updates_log::Told;
use crate::methods::Verifier;
use crate::packages::folder::Folder;
use crate::password::Decoy;
use crate::updates::publication::Publication;
use crate::web::body::Memory;
use crate::web::download::budget::Budget;
use crate::web::fallback::shadow::Counts;
use crate::web::metrics::Metrics;

/// Handed from one configuration to the next.
pub(super) struct Lasting {
    pub(super) metrics: Arc<Metrics>,
    pub(super) mails_waiting: Arc<Semaphore>,
    pub(super) body_memory: Memory,
    pub(super) shadow: Arc<Counts>,
    pub(super) limits: LastingLimits,
    pub(super) updates: Arc<Publication>,
    pub(super) updates_told: Arc<Told>,
    pub(super) packages: Arc<PackageMemory>,
    budget: Kept<usize, Arc<Budget>>,
    verifier: Kept<usize, Verifier>,
    folder: Arc<Kept<Place, Folder>>,
}

/// What makes a package folder another one.
type Place = (PathBuf, Vec<PathBuf>, bool);

impl Default for Lasting {
    fn default() -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        Self {
            mails_waiting: Arc::new(Semaphore::new(MAILS_WAITING as usize)),
            body_memory: Memory::default(),
            shadow: Arc::new(Counts::new(Arc::clone(&metrics))),
            limits: LastingLimits::new(&metrics),
            updates: Arc::default(),
            updates_told: Arc::default(),
            packages: Arc::default(),
            budget: Kept::default(),
            verifier: Kept::default(),
            folder: Arc::default(),
            metrics,
        }
    }
}

impl Lasting {
    /// The memory downloads share, in bytes. Of another size it begins anew; downloads that run keep
    /// their part of the old one.
    pub(super) fn budget(&self, bytes: usize) -> Arc<Budget> {
        self.budget.get(bytes, |_| Budget::new(bytes))
    }

    /// The password checks. With another queue they begin anew, with what an unknown user costs.
    pub(super) fn verifier(&self, queue: usize) -> Verifier {
        self.verifier.get(queue, |former| {
            Verifier::new(queue, former.map_or_else(Decoy::default, Verifier::decoy))
        })
    }

    /// Opens package folders. An open one counts what is being opened in it: files that hang
    /// would take ever more threads if each reload began to count anew.
    pub(super) fn open_folder(
        &self,
        allow_roots: Vec<PathBuf>,
        tells_places: bool,
    ) -> impl Fn(&Path) -> Folder + Send + Sync + 'static {
        let folder = Arc::clone(&self.folder);
        move |path| {
            let place = (path.to_owned(), allow_roots.clone(), tells_places);
            folder.get(place, |_| {
                let folder = Folder::new(path.to_owned(), allow_roots.clone());
                if tells_places { folder.telling_places() } else { folder }
            })
        }
    }
}

/// The last one, and what it was made for.
pub(super) struct Kept<K, T>(Mutex<Option<(K, T)>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<K: PartialEq, T: Clone> Kept<K, T> {
    pub(super) fn get(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, value)) = &*kept
            && *known == key
        {
            return value.clone();
        }
        let value = make(kept.as_ref().map(|(_, former)| former));
        *kept = Some((key, value.clone()));
        value
    }
}
