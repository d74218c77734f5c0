//! Checks if the service can answer: database, settings, package folder, and whether the site has
//! any end-points and packages.
//!
//! It checks at most once a second, for one caller at a time. So callers cannot load the database,
//! or fill the threads with checks of a file system that hangs.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

use super::health::Health;
use crate::packages::Packages;
use crate::site::fault::SiteFault;
use crate::site::{LiveSite, SiteView};
use crate::supervise::Tasks;

/// How long a report is valid.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Time for a check. Programs that ask for a report mostly wait longer than this, but never
/// minutes.
const LIMIT: Duration = Duration::from_secs(2);

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyCheck {
    /// The check holds.
    pub ok: bool,
    /// The fault, or a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
}

/// All checks, and their overall result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyReport {
    /// All checks hold, and the service is not about to stop.
    pub ready: bool,
    /// The service is stopping: running requests may finish, and no new client should come.
    pub stopping: bool,
    /// The site's database answers, or the standby copy in its place.
    pub database: ReadyCheck,
    /// The settings were read not long ago.
    pub settings: ReadyCheck,
    /// Packages can be looked up.
    pub folder: ReadyCheck,
    /// The site has end-points and packages. This check holds without them, too: all instances of a
    /// service serve the same site, so none is less ready than another.
    pub site: ReadyCheck,
    /// The tasks beside requests work. The reason names those that do not.
    pub tasks: ReadyCheck,
}

impl ReadyReport {
    /// Reports a service that has answered its last request.
    pub(super) fn of_the_end() -> Self {
        let gone = || wrong("the service has stopped");
        Self {
            ready: false,
            stopping: true,
            database: gone(),
            settings: gone(),
            folder: gone(),
            site: gone(),
            tasks: gone(),
        }
    }

    /// The checks by their names.
    #[must_use]
    pub fn checks(&self) -> [(&'static str, &ReadyCheck); 5] {
        [
            ("database", &self.database),
            ("settings", &self.settings),
            ("folder", &self.folder),
            ("site", &self.site),
            ("tasks", &self.tasks),
        ]
    }
}

/// Makes reports. It outlives reloads, so that a check of a hanging folder does too.
#[derive(Debug)]
pub struct Readiness {
    stopping: AtomicBool,
    last: Mutex<Option<(Instant, Arc<ReadyReport>)>>,
    looking: Arc<Semaphore>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            stopping: AtomicBool::new(false),
            last: Mutex::new(None),
            looking: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Readiness {
    /// Makes each report from now on say that the service is not ready.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Drops the last report, as a reload has put another configuration into force.
    pub async fn forget(&self) {
        *self.last.lock().await = None;
    }

    /// Makes a report, or returns the last one if it is less than a second old.
    pub async fn report(&self, health: &Health, tasks: &Tasks) -> Arc<ReadyReport> {
        let mut last = self.last.lock().await;
        let stopping = self.stopping.load(Ordering::Relaxed);
        if let Some((at, report)) = &*last
            && at.elapsed() < GOOD_FOR
            && report.stopping == stopping
        {
            return Arc::clone(report);
        }
        let folder = Arc::clone(&health.site.view().settings.folder);
        let (database, folder) = tokio::join!(database(&health.site), self.look_at(folder));
        let view = health.site.view();
        let settings = settings(&view, health.stale_after);
        let faults = SiteFault::of(&view);
        let site =
            ReadyCheck { ok: true, reason: faults.first().map(|fault| fault.reason().into()) };
        let tasks = failing_tasks(tasks);
        let ready = !stopping && database.ok && settings.ok && folder.ok;
        let report =
            Arc::new(ReadyReport { ready, stopping, database, settings, folder, site, tasks });
        *last = Some((Instant::now(), Arc::clone(&report)));
        report
    }

    /// Checks if packages can be looked up, off the async threads. A check that hangs keeps its
    /// thread; there is never a second one.
    pub async fn look_at(&self, folder: Arc<dyn Packages>) -> ReadyCheck {
        let look = async {
            // An earlier check may belong to a caller that has gone: wait until its thread is free.
            let turn = Arc::clone(&self.looking).acquire_owned().await;
            tokio::task::spawn_blocking(move || {
                let found = folder.check();
                drop(turn);
                found
            })
            .await
        };
        match timeout(LIMIT, look).await {
            Ok(Ok(Ok(()))) => ReadyCheck { ok: true, reason: None },
            Ok(Ok(Err(_))) => wrong("the package folder cannot be used: see its path and rights"),
            Ok(Err(_)) => wrong("the package folder could not be looked at"),
            Err(_) => wrong("the package folder does not answer"),
        }
    }
}

/// Checks the database. The log has details, with names that do not belong in a report.
async fn database(site: &LiveSite) -> ReadyCheck {
    match timeout(LIMIT, site.ping()).await {
        Ok(Ok(())) => ReadyCheck { ok: true, reason: None },
        _ if site.view().copy_age().is_some() => ReadyCheck {
            ok: true,
            reason: Some("the database has failed: its snapshot answers".into()),
        },
        Ok(Err(_)) => wrong("the database refuses: see the log"),
        Err(_) => wrong("the database does not answer"),
    }
}

/// Checks the age of the settings. If they cannot be read, the last good ones stay in force. All
/// instances of a service read the same settings, so none is less ready than another.
fn settings(view: &SiteView, stale_after: Duration) -> ReadyCheck {
    if view.age() > stale_after {
        return wrong("the settings have not been read for too long: see the log");
    }
    let unreadable = "the settings in Joomla cannot be read: the last good ones are in force";
    ReadyCheck { ok: true, reason: (!view.is_current()).then_some(unreadable.into()) }
}

/// Names the tasks that fail. The check holds all the same: all instances meet the same fault, and
/// the effect on requests (settings that are too old) has a check of its own.
fn failing_tasks(tasks: &Tasks) -> ReadyCheck {
    let failing = tasks.failing_names();
    let reason = (!failing.is_empty())
        .then(|| format!("tasks that fail and are started again: {}", failing.join(", ")).into());
    ReadyCheck { ok: true, reason }
}

fn wrong(reason: &'static str) -> ReadyCheck {
    ReadyCheck { ok: false, reason: Some(reason.into()) }
}
