//! Reads settings, end-points and the costs of password hashes from the database every few seconds;
//! removes expired entries from the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::methods::Release;
use crate::site::fault::SiteFault;
use crate::site::{LiveSite, SiteView, Tries};
use crate::store::StoreError;
use crate::supervise::{Rounds, Task, Tasks};

/// The parts that are kept fresh.
pub(super) struct Refresh {
    release: Arc<Release>,
    site: Arc<LiveSite>,
    /// The faults of the site that are in the log.
    faults_told: Mutex<Vec<SiteFault>>,
    /// The log says that the database is down.
    is_down: AtomicBool,
}

impl Refresh {
    pub(super) fn new(release: Arc<Release>, site: Arc<LiveSite>) -> Self {
        Self { release, site, faults_told: Mutex::default(), is_down: AtomicBool::new(false) }
    }

    /// Starts refreshing. While the database is down, the last known settings stay in force; one
    /// line in the log says so, another when the database answers again.
    pub(super) fn every(self: Arc<Self>, period: Duration, tasks: Tasks) -> JoinHandle<()> {
        let work = move |rounds| Arc::clone(&self).go_on(period, rounds);
        tokio::spawn(tasks.keep(Task::SettingsRefresh, work))
    }

    async fn go_on(self: Arc<Self>, period: Duration, rounds: Rounds) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once, but the settings are fresh.
        ticks.tick().await;
        loop {
            rounds.begin();
            ticks.tick().await;
            self.tell_faults();
            let refreshed = self.once().await;
            self.tell_faults();
            match refreshed {
                // Read from the copy: the watcher logs when the database is back.
                Ok(view) if view.copy_age().is_some() => {
                    self.is_down.store(false, Ordering::Relaxed);
                }
                Ok(_) => {
                    if self.is_down.swap(false, Ordering::Relaxed) {
                        tracing::info!("the database answers again");
                    }
                }
                Err(error) => {
                    if !self.is_down.swap(true, Ordering::Relaxed) {
                        tracing::error!(%error, "settings cannot be refreshed: the last known ones stay in force");
                    }
                }
            }
        }
    }

    /// Logs each fault of the whole site once, and once more when it is gone.
    fn tell_faults(&self) {
        let now = SiteFault::of(&self.site.view());
        let mut told = self.faults_told.lock();
        for fault in now.iter().filter(|fault| !told.contains(fault)) {
            tracing::error!(fault = fault.name(), "{}; {}", fault.reason(), fault.advice());
        }
        for fault in told.iter().filter(|fault| !now.contains(fault)) {
            tracing::info!(fault = fault.name(), "the fault of the site is mended");
        }
        *told = now;
    }

    /// Refreshes once; returns the view whose store has answered.
    async fn once(&self) -> Result<Arc<SiteView>, StoreError> {
        self.release.limits.tidy();
        let mut view = self.site.view();
        let mut tries = Tries::default();
        loop {
            match self.read(&view).await {
                Ok(()) => return Ok(view),
                Err(error) => match self.site.after_failure(&view, &error, &mut tries).await {
                    Some(next) => view = next,
                    None => return Err(error),
                },
            }
        }
    }

    async fn read(&self, view: &SiteView) -> Result<(), StoreError> {
        let rows = view.store.site_rows().await?;
        let menu = view.store.endpoint_rows().await;
        self.site.refresh(view, rows, menu.as_ref().ok());
        menu?;
        // After an update of PHP, the hashes of new accounts may cost more.
        self.release.verifier.learn(&view.store.recent_hashes().await?);
        Ok(())
    }
}
