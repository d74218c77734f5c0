//! Puts a new configuration into force while the service runs.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::bounds::AFTERWARDS;
use super::core::TraceWriter;
use super::opened_store::Occasion;
use super::plan::Plan;
use super::plan::fixed::Fixed;
use super::process_state::ProcessState;
use super::running_config::RunningConfig;
use super::start_error::StartError;
use crate::admin::metrics::labels::ReloadEnd;
use crate::admin::ready::Readiness;
use crate::config::Config;
use crate::http::front::current::Current;
use crate::supervise::{Tasks, blocking};

/// Makes reloads, one after the other. All clones belong to the same service.
#[derive(Clone)]
pub struct Reloader(Arc<Service>);

struct Service {
    current: Arc<Current>,
    readiness: Arc<Readiness>,
    lasting: ProcessState,
    /// The settings of the start that only a restart changes.
    fixed: Fixed,
    running: Mutex<Option<Running>>,
    /// Signals that the service stops.
    stopping: CancellationToken,
}

struct Running {
    generation: RunningConfig,
    /// Writers of former configurations whose queues are not empty yet.
    retired: Vec<TraceWriter>,
}

/// Most former trace writers that may go on; one more, and the oldest is ended.
const RETIRED: usize = 4;

impl Reloader {
    pub(super) fn new(
        fixed: Fixed,
        current: Arc<Current>,
        readiness: Arc<Readiness>,
        lasting: ProcessState,
        generation: RunningConfig,
    ) -> Self {
        lasting.settle();
        Self(Arc::new(Service {
            current,
            readiness,
            lasting,
            fixed,
            running: Mutex::new(Some(Running { generation, retired: Vec::new() })),
            stopping: CancellationToken::new(),
        }))
    }

    /// Puts a configuration into force, except for settings that only a restart changes. No request
    /// is dropped: running requests finish with the configuration they began with.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`]. The former configuration stays in force.
    pub async fn reload(&self, config: &Config) -> Result<(), StartError> {
        self.reload_by(Arc::new(Plan::of(config)?)).await
    }

    /// [`Reloader::reload`] by a plan.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn reload_by(&self, plan: Arc<Plan>) -> Result<(), StartError> {
        let reloader = self.clone();
        let runtime = Handle::current();
        // Not on the threads that answer requests, because files are read.
        let made = blocking(move || runtime.block_on(Box::pin(reloader.make(plan))));
        // The task is only cancelled if the service ends.
        made.await.unwrap_or(Ok(()))
    }

    async fn make(&self, plan: Arc<Plan>) -> Result<(), StartError> {
        let service = &*self.0;
        let mut running = service.running.lock().await;
        // `None`: the service is stopping.
        let Some(running) = running.as_mut() else { return Ok(()) };
        let starting =
            Box::pin(RunningConfig::start(Arc::clone(&plan), &service.lasting, Occasion::Reload));
        let (front, generation) = tokio::select! {
            biased;
            // The service is stopping, so the result is not needed any more.
            () = service.stopping.cancelled() => return Ok(()),
            started = starting => started?,
        };
        service.current.replace(front);
        service.lasting.settle();
        let former = std::mem::replace(&mut running.generation, generation);
        running.retired.retain(|writer| !writer.is_finished());
        running.retired.push(former.retire());
        if running.retired.len() > RETIRED {
            running.retired.remove(0).give_up().await;
        }
        service.readiness.forget().await;
        let waiting = service.fixed.differences(&plan.fixed);
        if !waiting.is_empty() {
            tracing::warn!("changed, but in force only after a restart: {}", waiting.join(", "));
        }
        Ok(())
    }

    /// Counts a reload for the metrics, including one whose configuration could not be read.
    pub fn count(&self, succeeded: bool) {
        let end = if succeeded { ReloadEnd::Ok } else { ReloadEnd::Failed };
        self.0.lasting.metrics.reloaded(end);
    }

    /// Stops the service's tasks; trace rows and reports are finished within [`AFTERWARDS`].
    pub(super) async fn finish(&self) {
        self.0.stopping.cancel();
        let running = timeout(AFTERWARDS, self.0.running.lock()).await;
        let Some(running) = running.ok().and_then(|mut running| running.take()) else {
            tracing::warn!("a reload does not end: its tasks are stopped");
            return;
        };
        let former = async {
            let writers = running.retired.into_iter().map(|writer| writer.finish(AFTERWARDS));
            futures_util::future::join_all(writers).await;
        };
        tokio::join!(former, running.generation.finish(), self.0.lasting.packages.close());
    }

    /// Returns the tasks that run beside requests.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.0.lasting.metrics.tasks
    }

    pub(super) fn lasting(&self) -> &ProcessState {
        &self.0.lasting
    }
}
