//! Builds the jBackend core from the configuration: access checks and trace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use super::database;
use super::parts::endpoints_write;
use super::plan::Plan;
use super::plan::database::DatabaseLocation;
use super::plan::site::SessionPlan;
use super::start_error::StartError;
use crate::jbackend::access::{Gate, Sessions};
use crate::jbackend::core::Core;
use crate::jbackend::renewals::Renewals;
use crate::jbackend::trace::Trace;
use crate::methods::Release;
use crate::site::LiveSite;
use crate::store::{
    JBackendTables, KeyVerdict, MySqlSettings, MySqlWriter, PoolState, SessionTimes, StoreError,
    TraceRow,
};
use crate::supervise::Tasks;

/// The writer of trace rows. The service waits for it at the stop.
pub(super) struct TraceWriter(Option<JoinHandle<()>>);

impl TraceWriter {
    /// Returns whether the writer has written all its rows and ended.
    pub(super) fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the writer now; it logs how many rows are lost.
    pub(super) async fn give_up(self) {
        self.finish(Duration::ZERO).await;
    }

    /// Waits until the queue is empty, at most until the deadline.
    pub(super) async fn finish(self, deadline: Duration) {
        let Some(mut writer) = self.0 else { return };
        if tokio::time::timeout(deadline, &mut writer).await.is_err() {
            tracing::warn!("the writer of trace rows does not come to an end: it is given up");
            writer.abort();
            // When it is dropped, it logs how many rows are lost.
            let _ = writer.await;
        }
    }
}

/// Builds the core. If an end-point needs a connection that can write, it is opened at the start;
/// otherwise the first request that needs it opens it.
pub(super) async fn core(
    plan: &Plan,
    site: Arc<LiveSite>,
    release: Arc<Release>,
    trace_rows_lost: Counter,
    tasks: Tasks,
) -> Result<(Core, TraceWriter), StartError> {
    let view = site.view();
    let needed = endpoints_write(&view.endpoints);
    let on_copy = view.copy_age().is_some();
    let times = database::session_times(&plan.database);
    let sessions = sessions(&plan.site.sessions, times, &tasks);
    let core = |keys, trace| Core {
        site,
        release,
        gate: Gate { keys, sessions },
        trace,
        renamed: plan.release.refusals.renamed(),
    };
    let (DatabaseLocation::MySql(_), Some(writer)) = (&plan.database.place, &plan.database.writer)
    else {
        if needed {
            tracing::warn!(
                "a SQLite file is only read: end-points that need an API key answer REQ_AKG, and no \
                 trace rows are kept"
            );
        }
        return Ok((core(None, None), TraceWriter(None)));
    };
    if plan.database.read_only {
        if needed {
            tracing::warn!(
                "`read_only` in `[database]`: end-points that need an API key answer REQ_AKG, and no \
                 trace rows are kept"
            );
        }
        return Ok((core(None, None), TraceWriter(None)));
    }
    let tables = Arc::new(LateTables {
        settings: writer.clone(),
        opened: OnceCell::new(),
        failed: Mutex::new(None),
    });
    // While the snapshot answers, the first request that needs the tables opens them.
    if needed && !on_copy {
        tables.open().await?;
    }
    let (trace, writer) = Trace::start(Arc::<LateTables>::clone(&tables), trace_rows_lost, tasks);
    Ok((core(Some(tables), Some(trace)), TraceWriter(Some(writer))))
}

/// How long a failure to open the tables is the answer to all requests. Without this, each request
/// would wait for its own time limits, one after the other, while the server is silent.
const FAILURE_HOLDS: Duration = Duration::from_secs(1);

/// jBackend's tables, opened at the first use.
struct LateTables {
    settings: MySqlSettings,
    opened: OnceCell<MySqlWriter>,
    failed: Mutex<Option<(Instant, StoreError)>>,
}

impl LateTables {
    async fn open(&self) -> Result<&MySqlWriter, StoreError> {
        self.opened.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<MySqlWriter, StoreError> {
        let failed = self.failed.lock().clone();
        if let Some((at, error)) = failed
            && at.elapsed() < FAILURE_HOLDS
        {
            return Err(error);
        }
        let connected = MySqlWriter::connect(self.settings.clone()).await;
        if let Err(error) = &connected {
            let failed = Some((Instant::now(), error.clone()));
            *self.failed.lock() = failed;
        }
        connected
    }
}

#[async_trait]
impl JBackendTables for LateTables {
    async fn count_key(&self, key: &str) -> Result<KeyVerdict, StoreError> {
        self.open().await?.count_key(key).await
    }

    async fn judge_key(&self, key: &str) -> Result<KeyVerdict, StoreError> {
        self.open().await?.judge_key(key).await
    }

    async fn append_trace(&self, rows: &[TraceRow]) -> Result<usize, StoreError> {
        self.open().await?.append_trace(rows).await
    }

    fn pool(&self) -> Option<PoolState> {
        self.opened.get().and_then(JBackendTables::pool)
    }
}

/// Returns how sessions are read; `None` if Joomla does not keep them in the database, or if the
/// cookie's name is not known.
fn sessions(
    plan: &SessionPlan,
    times: Option<Arc<dyn SessionTimes>>,
    tasks: &Tasks,
) -> Option<Sessions> {
    if plan.elsewhere.is_some() {
        return None;
    }
    let cookie = plan.cookie.clone()?;
    let lifetime = i64::try_from(plan.minutes.saturating_mul(60)).unwrap_or(i64::MAX);
    let renewals = times.map(|times| Renewals::start(times, tasks.clone()));
    Some(Sessions { cookie, lifetime, renewals })
}
