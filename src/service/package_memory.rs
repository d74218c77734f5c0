//! What is known of package files, kept over reloads: opened when the first publisher needs it, closed
//! when the service stops.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::config::sections::Updates;
use crate::supervise::Tasks;
use crate::updates::memory::{Memory, Options};

/// The memory in use, where there is one.
#[derive(Default)]
pub(super) struct PackageMemory(Mutex<Option<(MemoryIdentity, Memory)>>);

/// What makes it another one: its file, and how many files are read together.
type MemoryIdentity = (Option<PathBuf>, u64);

impl PackageMemory {
    /// The memory this section asks for. With another file it begins anew.
    pub(super) async fn open(&self, config: &Updates, tasks: &Tasks) -> Memory {
        let place = (config.checksum_file.clone(), config.checksum_workers);
        let mut kept = self.0.lock().await;
        if let Some((known, memory)) = &*kept
            && *known == place
        {
            return memory.clone();
        }
        if let Some((_, former)) = kept.take() {
            former.close().await;
        }
        let memory = Memory::open(Options {
            file: place.0.clone(),
            read_only: false,
            workers: usize::try_from(place.1).unwrap_or(usize::MAX),
            progress: Arc::new(()),
            tasks: tasks.clone(),
        });
        let memory = memory.await;
        *kept = Some((place, memory.clone()));
        memory
    }

    /// The service stops: what is known is kept for the next start, and no more is computed.
    pub(super) async fn close(&self) {
        if let Some((_, memory)) = self.0.lock().await.take() {
            memory.close().await;
        }
    }
}
