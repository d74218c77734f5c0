//! What outlives a reload: limits that hold for the whole process, and what is counted.
//!
//! A second set of them would double the memory downloads may take, lose mails that wait, or send
//! counters back to nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use joomla_password::Decoy;
use tokio::sync::Semaphore;

use super::bounds::MAILS_WAITING;
use super::kept::Kept;
use super::ledger::LedgerReleases;
use super::limits::ProcessLimits;
use super::package_memory::PackageMemory;
use super::updates_log::Told;
use crate::http::body::Memory;
use crate::http::download::budget::Budget;
use crate::http::fallback::shadow::ShadowCounts;
use crate::http::metrics::Metrics;
use crate::http::shares::Shares;
use crate::methods::Verifier;
use crate::packages::folder::Folder;
use crate::publish::upload::UploadPlaces;
use crate::updates::publication::Publication;

/// Handed from one configuration to the next.
pub(super) struct ProcessState {
    pub(super) metrics: Arc<Metrics>,
    pub(super) mails_waiting: Arc<Semaphore>,
    pub(super) body_memory: Memory,
    pub(super) shares: Arc<Shares>,
    pub(super) shadow: Arc<ShadowCounts>,
    pub(super) limits: ProcessLimits,
    pub(super) updates: Arc<Publication>,
    pub(super) updates_told: Arc<Told>,
    pub(super) packages: Arc<PackageMemory>,
    pub(super) releases: LedgerReleases,
    pub(super) upload_places: Arc<UploadPlaces>,
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
            limits: ProcessLimits::new(&metrics),
            updates: Arc::default(),
            updates_told: Arc::default(),
            packages: Arc::default(),
            releases: LedgerReleases::default(),
            upload_places: Arc::default(),
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
