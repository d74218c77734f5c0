//! The state that outlives a reload: limits for the whole process, and counters.
//!
//! A second set would double the memory for downloads, lose waiting mails, or start the counters at
//! zero again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use joomla_password::Decoy;
use tokio::sync::Semaphore;

use super::bounds::MAILS_WAITING;
use super::kept::Kept;
use super::limits::ProcessLimits;
use super::package_memory::PackageMemory;
use super::releases::LedgerReleases;
use super::updates_log::Told;
use crate::admin::metrics::Metrics;
use crate::http::body::Memory;
use crate::http::connection::shares::Shares;
use crate::http::download::budget::Budget;
use crate::methods::Verifier;
use crate::packages::folder::Folder;
use crate::proxy::shadow::ShadowCounts;
use crate::publish::upload::UploadPlaces;
use crate::signing::gate::RefusedPackages;
use crate::signing::seen::SeenSigned;
use crate::updates::publication::Publication;

/// The state that each configuration passes on to the next.
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
    pub(super) seen_signed: SeenSigned,
    pub(super) refused: RefusedPackages,
    budget: Kept<usize, Arc<Budget>>,
    verifier: Kept<usize, Verifier>,
    folder: Arc<Kept<FolderIdentity, Folder>>,
}

/// Another folder is opened if one of these differs.
type FolderIdentity = (PathBuf, Vec<PathBuf>, bool);

impl Default for ProcessState {
    fn default() -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        Self {
            mails_waiting: Arc::new(Semaphore::new(MAILS_WAITING as usize)),
            body_memory: Memory::default(),
            shares: Arc::default(),
            shadow: Arc::new(ShadowCounts::new(Arc::clone(&metrics.http))),
            limits: ProcessLimits::new(&metrics),
            updates: Arc::default(),
            updates_told: Arc::default(),
            packages: Arc::default(),
            releases: LedgerReleases::default(),
            upload_places: Arc::default(),
            seen_signed: SeenSigned::default(),
            refused: RefusedPackages::counted_by(metrics.packages_refused.clone()),
            budget: Kept::default(),
            verifier: Kept::default(),
            folder: Arc::default(),
            metrics,
        }
    }
}

impl ProcessState {
    /// Returns the memory that downloads share, in bytes. A new size makes a new budget; running
    /// downloads keep their part of the old one.
    pub(super) fn budget(&self, bytes: usize) -> Arc<Budget> {
        self.budget.stage(bytes, |_| Budget::new(bytes))
    }

    /// Returns the password checks. A new queue length makes new ones; they keep the known costs of
    /// a check for an unknown user.
    pub(super) fn verifier(&self, queue: usize) -> Verifier {
        self.verifier.stage(queue, |former| {
            let decoy = former.map_or_else(Decoy::default, Verifier::decoy);
            Verifier::new(queue, decoy).watched_by(self.metrics.tasks.clone())
        })
    }

    /// Keeps all values that were staged last: their configuration is in force, and the next one
    /// finds them.
    pub(super) fn settle(&self) {
        self.limits.settle();
        self.budget.settle();
        self.verifier.settle();
    }

    /// Returns a function that opens package folders. An open folder counts the files being opened
    /// in it. If each reload started a new count, files that hang would take more and more threads.
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
