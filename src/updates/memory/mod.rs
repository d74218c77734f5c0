//! The known data of package files: manifests, checksums, and the former XML entries of each
//! settings line. Checksums are computed beside the service; they and the entries outlive a
//! restart.
//!
//! `scan` looks up every package's open file in it, and requests the files to be read; the service
//! and the subcommand `updates` open it. A checksum belongs to a path and a file's
//! [identity](PackageFile::identity), so it always matches the served file: each use opens the file
//! and looks it up again. See `docs/updates.md`, "Checksums".

mod batch;
mod format;
mod inner;
mod jobs;
mod known;
mod state_file;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use joomla_updates::entry::Checksums;
use joomla_updates::manifest::Manifest;
use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, Notify, watch};
use tokio::task::spawn_blocking;

use self::format::OfSite;
use self::inner::{Inner, MemoryState, unsaved};
pub use self::inner::{Progress, WantedChecksums};
use self::known::KnownFiles;
pub use self::state_file::{StateError, StateFile};
use super::Reason;
use super::vouched::Vouched;
use crate::packages::{PackageFile, Packages};
use crate::release::package_path::PackagePath;
use crate::supervise::{Tasks, let_too_large_writes_fail};

/// Reports to no one.
impl Progress for () {
    fn ahead(&self, _: u64) {}
    fn read(&self, _: u64) {}
}

/// More would only wait for each other, and each holds a buffer.
pub const MOST_WORKERS: usize = 64;

/// How a memory is opened.
pub struct Options {
    /// The file in which checksums outlive a restart; none: they do not.
    pub file: Option<PathBuf>,
    /// Whether that file is only read.
    pub read_only: bool,
    /// Files that are read at the same time: one at least, [`MOST_WORKERS`] at most.
    pub workers: usize,
    /// Is told how far it is.
    pub progress: Arc<dyn Progress>,
    /// The supervisor of its workers.
    pub tasks: Tasks,
}

/// The state of a file's checksums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sums {
    /// These.
    Known(Checksums),
    /// Not known yet.
    Unknown,
    /// Reading the file failed; it is tried again by itself.
    Failed(Reason),
}

/// The memory. Clones are of one; when the last has gone, the workers stop.
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
    _alive: Arc<Alive>,
}

/// Stops the workers, who hold the rest themselves.
struct Alive(Arc<Inner>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Memory {
    /// Opens a memory, and reads the remembered data. If the file cannot be used, that is logged,
    /// and all checksums are computed anew.
    pub async fn open(options: Options) -> Self {
        let_too_large_writes_fail();
        let file = options.file.filter(|path| !path.as_os_str().is_empty()).map(StateFile::new);
        let read_only = options.read_only;
        let opened = spawn_blocking(move || opened(file, read_only)).await;
        let OpenedFile { file, known, vouched, warnings, is_unwritable } =
            opened.unwrap_or_default();
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        let is_blank = vouched.is_none();
        let vouched = vouched.unwrap_or_default();
        let inner = Arc::new(Inner {
            state: Mutex::new(MemoryState { known, vouched, is_blank, ..MemoryState::default() }),
            file,
            workers: options.workers.clamp(1, MOST_WORKERS),
            progress: options.progress,
            tasks: options.tasks,
            stopped: AtomicBool::new(false),
            woken: Notify::new(),
            changes: watch::Sender::new(0),
            saving: AsyncMutex::new(is_unwritable),
        });
        Self { _alive: Arc::new(Alive(Arc::clone(&inner))), inner }
    }

    /// The checksums of an open file. Does not wait.
    #[must_use]
    pub fn checksums(&self, path: &PackagePath, file: &PackageFile) -> Sums {
        let state = self.inner.state.lock();
        match (state.known.checksums(path, &file.identity()), state.jobs.trouble(path)) {
            (Some(checksums), _) => Sums::Known(checksums.clone()),
            (None, Some(reason)) => Sums::Failed(reason.clone()),
            (None, None) => Sums::Unknown,
        }
    }

    /// Returns the manifest of an open file, or why it has none; `None` if it was not read yet.
    /// Does not wait.
    #[must_use]
    pub fn manifest(
        &self,
        path: &PackagePath,
        file: &PackageFile,
    ) -> Option<Result<Manifest, Reason>> {
        self.inner.state.lock().known.manifest(path, &file.identity()).cloned()
    }

    /// Remembers the result of reading the manifest, until the service stops.
    pub fn learn_manifest(
        &self,
        path: &PackagePath,
        file: &PackageFile,
        found: Result<Manifest, Reason>,
    ) {
        self.inner.state.lock().known.learn_manifest(path, &file.identity(), found);
    }

    /// Names the site of the XML. Entries that another site left in the same file are ignored; a
    /// site that changes its address while it is served stays the same.
    pub fn claim(&self, site: &str) {
        let mut state = self.inner.state.lock();
        let is_first = !std::mem::replace(&mut state.is_claimed, true);
        if state.vouched.site == site {
            return;
        }
        if is_first {
            state.is_blank = true;
            state.vouched.lines.clear();
        }
        site.clone_into(&mut state.vouched.site);
        state.is_unsaved |= !state.vouched.lines.is_empty();
    }

    /// Returns the former XML entries of a settings line, the newest first.
    #[must_use]
    pub fn vouched(&self, package: &str) -> Vec<Vouched> {
        self.inner.state.lock().vouched.lines.get(package).cloned().unwrap_or_default()
    }

    /// Remembers the present XML entries, by the ids of the lines, and saves them if they are new:
    /// entries that a client has seen survive every end of the process.
    pub async fn vouch(&self, lines: &BTreeMap<String, Vec<Vouched>>) {
        {
            let mut state = self.inner.state.lock();
            if state.vouched.lines == *lines {
                return;
            }
            state.vouched.lines.clone_from(lines);
            state.is_unsaved = true;
        }
        self.inner.save().await;
    }

    /// Returns whether no XML entries from before this process are known. Stays so until everything
    /// was read once, see [`Memory::has_read_all`].
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.inner.state.lock().is_blank
    }

    /// Every file was read once, or could not be.
    pub fn has_read_all(&self) {
        self.inner.state.lock().is_blank = false;
    }

    /// Has files read for their checksums, in this order. Files that wait already are not read twice;
    /// one that changes meanwhile is tried again by itself, with longer and longer pauses.
    pub fn want(&self, folder: &Arc<dyn Packages>, wanted: &[WantedChecksums]) {
        work::want(&self.inner, folder, wanted);
    }

    /// Forgets files that the site no longer lists, with a reserve: a list may be empty for a
    /// moment. Does not forget while the list is empty.
    pub fn keep(&self, listed: &HashSet<&PackagePath>) {
        if listed.is_empty() {
            return;
        }
        let mut state = self.inner.state.lock();
        let MemoryState { known, jobs, is_unsaved, .. } = &mut *state;
        *is_unsaved |= known.keep(listed);
        jobs.retain(|path| listed.contains(path));
    }

    /// Changes when something became known that was wanted, or cannot be known for now: once a second
    /// at most, and when all is done.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Waits until every file that is wanted was read, or could not be.
    pub async fn idle(&self) {
        let mut changes = self.changes();
        while !self.inner.state.lock().jobs.is_idle() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Stops reading and saves the known data. Checksums that are missing then are computed when
    /// they are needed next.
    pub async fn close(&self) {
        self.inner.stop();
        self.inner.save().await;
    }
}

/// The contents of the file.
#[derive(Default)]
struct OpenedFile {
    /// The file to write to.
    file: Option<StateFile>,
    known: KnownFiles,
    /// The former XML entries, if they were remembered.
    vouched: Option<OfSite>,
    warnings: Vec<String>,
    is_unwritable: bool,
}

fn opened(file: Option<StateFile>, read_only: bool) -> OpenedFile {
    let mut opened = OpenedFile::default();
    let Some(file) = file else { return opened };
    let mut is_usable = !read_only;
    match file.read() {
        Ok(content) => {
            opened.vouched = content.vouched;
            for (path, identity, checksums) in content.sums {
                opened.known.learn_checksums(&path, &identity, checksums);
            }
        }
        Err(error) => {
            is_usable &= error.may_be_replaced();
            let then = if is_usable { ", and it is replaced" } else { "" };
            opened.warnings.push(format!("{error}; they are computed anew{then}"));
        }
    }
    if is_usable {
        file.tidy();
        if let Err(error) = file.try_writing() {
            opened.warnings.push(unsaved(&error));
            opened.is_unwritable = true;
        }
        opened.file = Some(file);
    }
    opened
}
