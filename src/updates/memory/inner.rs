//! The state that workers and callers share: the known checksums, the waiting jobs, and the file.
//!
//! Used by the memory and its workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, Notify, watch};
use tokio::task::spawn_blocking;

use super::batch::Batch;
use super::format::{self, OfSite};
use super::jobs::Jobs;
use super::known::KnownFiles;
use super::state_file::{StateError, StateFile};
use crate::release::package_path::PackagePath;
use crate::supervise::Tasks;

/// Is told how far the reading of the files is. Called from several threads.
pub trait Progress: Send + Sync {
    /// So many bytes are to be read in addition.
    fn ahead(&self, bytes: u64);
    /// So many bytes have been read.
    fn read(&self, bytes: u64);
}

/// A file whose checksums are to be computed.
#[derive(Debug, Clone)]
pub struct WantedChecksums {
    /// Its path.
    pub path: PackagePath,
    /// Its identity, from `PackageFile::identity`.
    pub version: String,
    /// Its size, as far as is known.
    pub bytes: u64,
}

pub(super) struct Inner {
    pub(super) state: Mutex<MemoryState>,
    pub(super) file: Option<StateFile>,
    pub(super) workers: usize,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) tasks: Tasks,
    pub(super) stopped: AtomicBool,
    pub(super) woken: Notify,
    pub(super) changes: watch::Sender<u64>,
    /// Held while the file is written; whether the last attempt failed.
    pub(super) saving: AsyncMutex<bool>,
}

#[derive(Default)]
pub(super) struct MemoryState {
    pub(super) known: KnownFiles,
    pub(super) jobs: Jobs,
    pub(super) batch: Option<Arc<Batch>>,
    /// Something is known that is not in the file.
    pub(super) is_unsaved: bool,
    /// The former XML entries.
    pub(super) vouched: OfSite,
    /// Whether the site that the entries belong to has been named.
    pub(super) is_claimed: bool,
    /// Whether no earlier state is remembered and not every file was read since.
    pub(super) is_blank: bool,
}

pub(super) fn unsaved(error: &StateError) -> String {
    format!("{error}; until then they are computed anew after each restart")
}

impl Inner {
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.woken.notify_waiters();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Writes the file unless it is up to date. Logs the first of several failures.
    pub(super) async fn save(self: &Arc<Self>) {
        if self.file.is_none() {
            return;
        }
        let mut failing = self.saving.lock().await;
        let (lines, vouched) = {
            let mut state = self.state.lock();
            if !std::mem::take(&mut state.is_unsaved) {
                return;
            }
            (state.known.lines(), state.vouched.clone())
        };
        let inner = Arc::clone(self);
        let written =
            spawn_blocking(move || match (&inner.file, format::write(&lines, &vouched)) {
                (Some(file), Ok(text)) => file.write(&text),
                _ => Ok(()),
            });
        match written.await {
            Ok(Ok(())) if *failing => {
                *failing = false;
                tracing::info!("checksums are remembered again");
            }
            Ok(Err(error)) => {
                self.state.lock().is_unsaved = true;
                if !std::mem::replace(&mut *failing, true) {
                    tracing::warn!("{}", unsaved(&error));
                }
            }
            Ok(Ok(())) => {}
            Err(_) => self.state.lock().is_unsaved = true,
        }
    }
}
