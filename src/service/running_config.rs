//! A configuration in force: the front that answers requests, and the tasks beside it. A reload
//! replaces it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::bounds::{AFTERWARDS, MAILS_WAITING};
use super::core::{self, TraceWriter};
use super::fallback::{self, Reports};
use super::opened_store::{self, Occasion, OpenedStore};
use super::parts;
use super::plan::{Plan, circle};
use super::process_state::ProcessState;
use super::publisher::Publisher;
use super::refresh::Refresh;
use super::releases::ReleaseNews;
use super::site::OpenSite;
use super::start_error::StartError;
use super::uploads;
use crate::http::body::Bodies;
use crate::http::force_ssl::ForceSsl;
use crate::http::front::{Front, SiteBehind};
use crate::http::peer::Proxies;
use crate::site::LiveSite;
use crate::store::standby::Watcher;
use crate::supervise::Tasks;

/// The tasks beside a front.
pub(super) struct RunningConfig {
    refresh: Beside,
    watcher: Option<Beside>,
    pub(super) trace: TraceWriter,
    shadow: Option<Reports>,
    publisher: Option<Beside>,
    releases: Beside,
}

/// A task that ends with its configuration, however that ends. A task left behind would overwrite
/// the data of its successor.
struct Beside(JoinHandle<()>);

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Periods of refreshing that may fail before the service no longer counts as ready, and the time
/// granted beyond them.
const MISSED_REFRESHES: u32 = 3;
const STALE_GRACE: Duration = Duration::from_secs(10);

/// Starts the watcher of the database, which publishes views of the site.
fn watch(watcher: Watcher, live: &Arc<LiveSite>, tasks: &Tasks) -> Beside {
    let (live, tasks) = (Arc::clone(live), tasks.clone());
    let publish = move |handover| live.hand_over(handover);
    Beside(tokio::spawn(async move { watcher.run(&tasks, publish).await }))
}

/// Lets the site and its update XML follow the releases of the ledger.
fn follow(news: ReleaseNews, lasting: &ProcessState, live: &Arc<LiveSite>) -> Beside {
    let (live, xml) = (Arc::clone(live), Arc::clone(&lasting.updates));
    Beside(tokio::spawn(news.followed_by(live, xml, lasting.metrics.tasks.clone())))
}

/// The limits of bodies.
fn bodies(plan: &Plan, lasting: &ProcessState) -> Bodies {
    let memory = lasting.body_memory.clone();
    Bodies { memory, silence: plan.server.body_timeout, json: plan.site.jbackend3 }
}

impl RunningConfig {
    /// Opens the database, reads the settings, starts the tasks beside the front.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`]. No task or connection is left behind then.
    pub(super) async fn start(
        plan: Arc<Plan>,
        lasting: &ProcessState,
        occasion: Occasion,
    ) -> Result<(Front, Self), StartError> {
        let upstream = plan.fallback.upstream.as_ref();
        circle::upstream_is_not_the_bridge(upstream, &plan.fixed).await?;
        let releases = lasting.releases.news();
        let updates = Publisher::prepare(&plan.updates, lasting);
        let OpenedStore { joomla, failover, watcher } = opened_store::open(&plan, occasion).await?;
        let site = OpenSite::read(Arc::clone(&plan), lasting, joomla, failover).await?;
        let OpenSite { menu, release, live, view, .. } = site;
        parts::some_endpoint(&view.endpoints, &menu)?;
        let fallback = fallback::fallback(&plan.fallback, Arc::clone(&lasting.shadow));
        let tasks = &lasting.metrics.tasks;
        let trace_rows_lost = lasting.metrics.trace_rows_lost.clone();
        let (core, trace) = {
            let (live, release) = (Arc::clone(&live), Arc::clone(&release));
            core::core(&plan, live, release, trace_rows_lost, tasks.clone()).await?
        };
        // Only here, because no later step can fail: a refused configuration must not connect to
        // the server of the shared limits.
        if let Some(server) = &release.limits.shared {
            server.open(&lasting.metrics.tasks).await;
        }
        let refresh = Arc::new(Refresh::new(release, Arc::clone(&live)));
        let period = plan.release.refresh;
        let server = &plan.server;
        let front = Front {
            core,
            force_ssl: ForceSsl {
                whole_site: plan.site.whole_site_by_tls,
                host: plan.public_url.as_ref().map(|url| url.authority().to_owned()),
            },
            proxies: Proxies::new(server.trusted_proxies.clone()),
            refusals: plan.release.refusals.clone(),
            bodies: bodies(&plan, lasting),
            key_in_header: plan.site.jbackend3,
            budget: lasting.budget(server.download_memory),
            offload: plan.release.offload.clone(),
            fallback: fallback.clone().map(|site| site as Arc<dyn SiteBehind>),
            updates: updates.as_ref().map(|_| Arc::clone(&lasting.updates)),
            uploads: uploads::desk(&plan, lasting),
            email_hash_key: plan.log.email_hash_key.clone(),
            stale_after: period.saturating_mul(MISSED_REFRESHES).saturating_add(STALE_GRACE),
            mail_places: MAILS_WAITING as usize,
            shares: Arc::clone(&lasting.shares),
            counts: Arc::clone(&lasting.metrics.http),
        };
        let shadow = Reports::start(fallback.as_deref(), tasks.clone());
        let watcher = watcher.map(|watcher| watch(watcher, &live, tasks));
        if updates.is_none() {
            lasting.updates.clear();
            lasting.packages.close().await;
        }
        let releases = follow(releases, lasting, &live);
        let publisher = match updates {
            Some(updates) => Some(Beside(updates.every(period, live, tasks.clone()).await)),
            None => None,
        };
        let refresh = Beside(refresh.every(period, tasks.clone()));
        Ok((front, Self { refresh, watcher, trace, shadow, publisher, releases }))
    }

    /// Ends the tasks: another configuration is in force. Running requests still finish with the
    /// old front; after the last of them, the old trace writer empties its queue and ends.
    pub(super) fn retire(self) -> TraceWriter {
        self.stop_tasks();
        if let Some(shadow) = self.shadow {
            shadow.stop();
        }
        self.trace
    }

    fn stop_tasks(&self) {
        self.refresh.0.abort();
        self.releases.0.abort();
        for task in [&self.watcher, &self.publisher].into_iter().flatten() {
            task.0.abort();
        }
    }

    /// Stops the tasks with the service; trace rows and reports are finished within [`AFTERWARDS`].
    pub(super) async fn finish(self) {
        self.stop_tasks();
        // Wait for their end: a task that meets the end of the process would log a failure.
        for mut task in [Some(self.refresh), self.watcher, self.publisher].into_iter().flatten() {
            let _ = (&mut task.0).await;
        }
        let shadow = async {
            if let Some(shadow) = self.shadow {
                shadow.finish(AFTERWARDS).await;
            }
        };
        tokio::join!(shadow, self.trace.finish(AFTERWARDS));
    }
}
