//! Keeps the memory of package files over reloads. The first publisher that needs it opens it; the
//! stop of the service closes it.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::service::plan::updates::MemoryPlan;
use crate::supervise::Tasks;
use crate::updates::memory::{Memory, Options};

/// The memory in use, if there is one.
#[derive(Default)]
pub(super) struct PackageMemory(Mutex<Option<(MemoryPlan, Memory)>>);

impl PackageMemory {
    /// Returns the memory of this plan. If the plan differs from the former one, another memory is
    /// opened.
    pub(super) async fn open(&self, plan: &MemoryPlan, tasks: &Tasks) -> Memory {
        let mut kept = self.0.lock().await;
        if let Some((known, memory)) = &*kept
            && known == plan
        {
            return memory.clone();
        }
        if let Some((_, former)) = kept.take() {
            former.close().await;
        }
        let memory = Memory::open(Options {
            file: plan.file.clone(),
            read_only: false,
            workers: plan.workers,
            progress: Arc::new(()),
            tasks: tasks.clone(),
        });
        let memory = memory.await;
        *kept = Some((plan.clone(), memory.clone()));
        memory
    }

    /// Closes the memory at the stop: its data stay in the file for the next start, and no more
    /// checksums are computed.
    pub(super) async fn close(&self) {
        if let Some((_, memory)) = self.0.lock().await.take() {
            memory.close().await;
        }
    }
}
