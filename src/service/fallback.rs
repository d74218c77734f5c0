//! Builds the connection to the site behind the bridge, and reports the counts of shadow mode.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::plan::fallback::{FallbackPlan, PackageFilesPlan};
use crate::proxy::package_files::PackageFiles;
use crate::proxy::shadow::{Shadow, ShadowCounts};
use crate::proxy::{Fallback, Options};
use crate::supervise::{Rounds, Task, Tasks};

/// Time between two reports of shadow mode.
const REPORT: Duration = Duration::from_mins(10);

/// Builds the fallback, if the plan names an upstream.
pub(super) fn fallback(plan: &FallbackPlan, counts: Arc<ShadowCounts>) -> Option<Arc<Fallback>> {
    let upstream = plan.upstream.clone()?;
    Some(Arc::new(Fallback::new(Options {
        upstream,
        connect_timeout: plan.connect_timeout,
        idle_timeout: plan.idle_timeout,
        package_files: package_files(&plan.package_files),
        pass_offload_headers: plan.pass_offload_headers,
        default_host: plan.default_host.clone(),
        shadow: Shadow::new(plan.watched.clone(), plan.shadow_limit, counts),
    })))
}

fn package_files(plan: &PackageFilesPlan) -> Option<PackageFiles> {
    match plan {
        PackageFilesPlan::Allowed => None,
        PackageFilesPlan::Unknown => {
            tracing::warn!(
                "without `root` in `[joomla]` the bridge cannot tell requests for package files: make \
                 sure the site's web server does not serve the package folder"
            );
            None
        }
        PackageFilesPlan::Refused { root, base, kept_back } => {
            Some(PackageFiles::new(root.clone(), base, kept_back.clone()))
        }
    }
}

/// Logs the counts of shadow mode regularly, and once more at the end.
pub(super) struct Reports {
    counts: Arc<ShadowCounts>,
    ticking: JoinHandle<()>,
}

impl Reports {
    /// Starts the reports, if PHP answers any resource in shadow mode.
    pub(super) fn start(fallback: Option<&Fallback>, tasks: Tasks) -> Option<Self> {
        let shadow = fallback.map(Fallback::shadow).filter(|shadow| shadow.is_on())?;
        let counts = shadow.counts();
        let told = Arc::clone(&counts);
        let tell = move |rounds| regularly(Arc::clone(&told), rounds);
        let ticking = tokio::spawn(tasks.keep(Task::ShadowReport, tell));
        Some(Self { counts, ticking })
    }

    /// Logs the counts now and ends the reports.
    pub(super) fn stop(self) {
        self.ticking.abort();
        self.counts.report();
    }

    /// Logs the counts a last time, once all running comparisons are done or the deadline is over.
    pub(super) async fn finish(self, deadline: Duration) {
        self.ticking.abort();
        let _ = tokio::time::timeout(deadline, self.counts.all_settled()).await;
        self.counts.report();
    }
}

async fn regularly(counts: Arc<ShadowCounts>, rounds: Rounds) {
    let mut ticks = interval(REPORT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once and logs the counts so far.
    loop {
        rounds.begin();
        ticks.tick().await;
        counts.report();
    }
}
