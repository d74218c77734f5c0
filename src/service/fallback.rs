//! From the `[fallback]` section to the site behind the bridge.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::from_config::{allow_roots, public_host};
use super::start_error::StartError;
use crate::config::Config;
use crate::config::values::PackageFilesRule;
use crate::http::fallback::package_files::PackageFiles;
use crate::http::fallback::shadow::{Shadow, ShadowCounts};
use crate::http::fallback::{Fallback, Options};
use crate::site::endpoint_plan;
use crate::supervise::{Rounds, Task, Tasks};

/// How often shadow mode tells its counts.
const REPORT: Duration = Duration::from_mins(10);

/// Builds it, where the configuration names one.
pub(super) fn fallback(
    config: &Config,
    counts: Arc<ShadowCounts>,
) -> Result<Option<Fallback>, StartError> {
    let section = &config.fallback;
    let limit = usize::try_from(section.shadow_limit).unwrap_or(usize::MAX);
    let shadow = Shadow::new(&section.shadow, limit, counts)
        .map_err(|error| StartError::Config(error.to_string()))?;
    let Some(upstream) = section.upstream.clone() else {
        return if shadow.is_on() {
            Err(StartError::missing(
                "fallback.upstream",
                "the site's web server: in shadow mode it is PHP that answers",
            ))
        } else {
            Ok(None)
        };
    };
    Ok(Some(Fallback::new(Options {
        upstream,
        connect_timeout: seconds(section.connect_timeout),
        idle_timeout: seconds(section.idle_timeout),
        package_files: package_files(config),
        pass_offload_headers: section.pass_offload_headers,
        default_host: public_host(config),
        shadow,
    })))
}

/// No less than one, and no more than a clock can add up.
fn seconds(count: u64) -> Duration {
    Duration::from_secs(count.clamp(1, 365 * 24 * 60 * 60))
}

fn package_files(config: &Config) -> Option<PackageFiles> {
    if config.fallback.package_files == PackageFilesRule::Allow {
        return None;
    }
    let Some(root) = &config.joomla.root else {
        tracing::warn!(
            "without `root` in `[joomla]` the bridge cannot tell requests for package files: make \
             sure the site's web server does not serve the package folder"
        );
        return None;
    };
    Some(PackageFiles::new(root.clone(), &endpoint_plan::base(config), kept_back(config)))
}

/// What else is not for visitors: where packages really are, and files with customers or keys.
fn kept_back(config: &Config) -> Vec<PathBuf> {
    let own = [
        config.updates.checksum_file.as_ref(),
        Some(&config.database.snapshot_file),
        config.license.accepted_keys.as_ref(),
        config.mail.outbox.as_ref(),
        config.mail.templates.as_ref(),
    ];
    allow_roots(config).into_iter().chain(own.into_iter().flatten().cloned()).collect()
}

/// Tells the counts of shadow mode from time to time, and once more at the end.
pub(super) struct Reports {
    counts: Arc<ShadowCounts>,
    ticking: JoinHandle<()>,
}

impl Reports {
    /// Starts telling, where PHP answers anything.
    pub(super) fn start(fallback: Option<&Fallback>, tasks: Tasks) -> Option<Self> {
        let shadow = fallback.map(Fallback::shadow).filter(|shadow| shadow.is_on())?;
        let counts = shadow.counts();
        let told = Arc::clone(&counts);
        let tell = move |rounds| regularly(Arc::clone(&told), rounds);
        let ticking = tokio::spawn(tasks.keep(Task::ShadowReport, tell));
        Some(Self { counts, ticking })
    }

    /// Tells them now, and no longer.
    pub(super) fn stop(self) {
        self.ticking.abort();
        self.counts.report();
    }

    /// Tells them a last time, once the comparisons under way are done or the deadline is over.
    pub(super) async fn finish(self, deadline: Duration) {
        self.ticking.abort();
        let _ = tokio::time::timeout(deadline, self.counts.all_settled()).await;
        self.counts.report();
    }
}

async fn regularly(counts: Arc<ShadowCounts>, rounds: Rounds) {
    let mut ticks = interval(REPORT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once, and is soon over.
    loop {
        rounds.begin();
        ticks.tick().await;
        counts.report();
    }
}
