//! What outlives a reload: limits that hold for the whole process, and what is counted.
//!
//! A second set of them would double the memory downloads may take, lose mails that wait, or send
//! counters back to nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Semaphore};

use super::MAILS_WAITING;
use super::updates_log::Told;
use crate::config::sections::Updates;
use crate::methods::Verifier;
use crate::packages::folder::Folder;
use crate::password::Decoy;
use crate::updates::memory::{Memory as PackageMemory, Options};
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
    pub(super) updates: Arc<Publication>,
    pub(super) updates_told: Arc<Told>,
    memory: AsyncMutex<Option<(MemoryPlace, PackageMemory)>>,
    budget: Kept<usize, Arc<Budget>>,
    verifier: Kept<usize, Verifier>,
    folder: Arc<Kept<Place, Folder>>,
}

/// What makes a memory of checksums another one: its file, and how many are read together.
type MemoryPlace = (Option<PathBuf>, usize);

/// What makes a package folder another one.
type Place = (PathBuf, Vec<PathBuf>);

impl Default for Lasting {
    fn default() -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        Self {
            mails_waiting: Arc::new(Semaphore::new(MAILS_WAITING as usize)),
            body_memory: Memory::default(),
            shadow: Arc::new(Counts::new(Arc::clone(&metrics))),
            updates: Arc::default(),
            updates_told: Arc::default(),
            memory: AsyncMutex::default(),
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

    /// What is known of package files. With another file for it, it begins anew.
    pub(super) async fn memory(&self, config: &Updates) -> PackageMemory {
        let workers = usize::try_from(config.checksum_workers).unwrap_or(usize::MAX);
        let place = (config.checksum_file.clone(), workers);
        let mut kept = self.memory.lock().await;
        if let Some((known, memory)) = &*kept
            && *known == place
        {
            return memory.clone();
        }
        if let Some((_, former)) = kept.take() {
            former.close().await;
        }
        let (file, workers) = place.clone();
        let options = Options { file, read_only: false, workers, progress: Arc::new(()) };
        let memory = PackageMemory::open(options).await;
        *kept = Some((place, memory.clone()));
        memory
    }

    /// The service stops: checksums that are known are kept for the next start, and no more are
    /// computed.
    pub(super) async fn close_memory(&self) {
        if let Some((_, memory)) = self.memory.lock().await.take() {
            memory.close().await;
        }
    }

    /// Opens package folders. An open one counts what is being opened in it: files that hang
    /// would take ever more threads if each reload began to count anew.
    pub(super) fn open_folder(
        &self,
        allow_roots: Vec<PathBuf>,
    ) -> impl Fn(&Path) -> Folder + Send + Sync + 'static {
        let folder = Arc::clone(&self.folder);
        move |path| {
            let place = (path.to_owned(), allow_roots.clone());
            folder.get(place, |_| Folder::new(path.to_owned(), allow_roots.clone()))
        }
    }
}

/// The last one, and what it was made for.
struct Kept<K, T>(Mutex<Option<(K, T)>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<K: PartialEq, T: Clone> Kept<K, T> {
    fn get(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
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
