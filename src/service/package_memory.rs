//! What is known of package files, kept over reloads: opened when the first publisher needs it, closed
//! when the service stops.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::service::plan::updates::MemoryPlan;
use crate::supervise::Tasks;
use crate::updates::memory::{Memory, Options};

/// The memory in use, where there is one.
#[derive(Default)]
pub(super) struct PackageMemory(Mutex<Option<(MemoryPlan, Memory)>>);

impl PackageMemory {
    /// The memory this plan asks for. With another file it begins anew.
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

    /// The service stops: what is known is kept for the next start, and no more is computed.
    pub(super) async fn close(&self) {
        if let Some((_, memory)) = self.0.lock().await.take() {
            memory.close().await;
        }
    }
}
