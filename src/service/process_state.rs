//! What outlives a reload: limits that hold for the whole process, and what is counted.
//!
//! A second set of them would double the memory downloads may take, lose mails that wait, or send
//! counters back to nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use joomla_password::Decoy;
use tokio::sync::Semaphore;

use super::MAILS_WAITING;
use super::limits::LastingLimits;
use super::package_memory::PackageMemory;
use super::updates_log::Told;
use crate::http::body::Memory;
use crate::http::download::budget::Budget;
use crate::http::fallback::shadow::ShadowCounts;
use crate::http::metrics::Metrics;
use crate::http::shares::Shares;
use crate::methods::Verifier;
use crate::packages::folder::Folder;
use crate::updates::publication::Publication;

/// Handed from one configuration to the next.
pub(super) struct ProcessState {
    pub(super) metrics: Arc<Metrics>,
    pub(super) mails_waiting: Arc<Semaphore>,
    pub(super) body_memory: Memory,
    pub(super) shares: Arc<Shares>,
    pub(super) shadow: Arc<ShadowCounts>,
    pub(super) limits: LastingLimits,
    pub(super) updates: Arc<Publication>,
    pub(super) updates_told: Arc<Told>,
    pub(super) packages: Arc<PackageMemory>,
    budget: Kept<usize, Arc<Budget>>,
    verifier: Kept<usize, Verifier>,
    folder: Arc<Kept<FolderIdentity, Folder>>,
}

/// What makes a package folder another one.
type FolderIdentity = (PathBuf, Vec<PathBuf>, bool);

impl Default for ProcessState {
    fn default() -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        Self {
            mails_waiting: Arc::new(Semaphore::new(MAILS_WAITING as usize)),
            body_memory: Memory::default(),
            shares: Arc::default(),
            shadow: Arc::new(ShadowCounts::new(Arc::clone(&metrics))),
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

impl ProcessState {
    /// The memory downloads share, in bytes. Of another size it begins anew; downloads that run keep
    /// their part of the old one.
    pub(super) fn budget(&self, bytes: usize) -> Arc<Budget> {
        self.budget.stage(bytes, |_| Budget::new(bytes))
    }

    /// The password checks. With another queue they begin anew, with what an unknown user costs.
    pub(super) fn verifier(&self, queue: usize) -> Verifier {
        self.verifier.stage(queue, |former| {
            let decoy = former.map_or_else(Decoy::default, Verifier::decoy);
            Verifier::new(queue, decoy).watched_by(self.metrics.tasks.clone())
        })
    }

    /// The configuration that asked for all this last is in force: what it was given is what the next
    /// one finds.
    pub(super) fn settle(&self) {
        self.limits.settle();
        self.budget.settle();
        self.verifier.settle();
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
///
/// A configuration that is being tried only stages another one: where it comes to nothing, the next
/// finds the former one, and nobody has a new budget by it.
pub(super) struct Kept<K, T>(Mutex<KeptParts<K, T>>);

struct KeptParts<K, T> {
    kept: Option<(K, T)>,
    staged: Option<(K, T)>,
}

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::new(KeptParts { kept: None, staged: None }))
    }
}

impl<K: PartialEq, T: Clone> Kept<K, T> {
    /// The one that is kept, where it was made for the same; else another one, which is kept at
    /// once.
    pub(super) fn get(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        let mut places = self.lock();
        let value = places.stage(key, make);
        places.settle();
        value
    }

    /// The one that is kept, where it was made for the same; else another one, which is kept once
    /// it is settled.
    pub(super) fn stage(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        self.lock().stage(key, make)
    }

    /// Keeps what was staged last.
    pub(super) fn settle(&self) {
        self.lock().settle();
    }

    fn lock(&self) -> MutexGuard<'_, KeptParts<K, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: PartialEq, T: Clone> KeptParts<K, T> {
    /// What was staged before is forgotten.
    fn stage(&mut self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        self.staged = None;
        if let Some((known, value)) = &self.kept
            && *known == key
        {
            return value.clone();
        }
        let value = make(self.kept.as_ref().map(|(_, former)| former));
        self.staged = Some((key, value.clone()));
        value
    }

    fn settle(&mut self) {
        if let Some(staged) = self.staged.take() {
            self.kept = Some(staged);
        }
    }
}
