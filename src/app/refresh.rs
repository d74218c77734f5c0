//! Asks the database every few seconds for changed settings and end-points, and for what password
//! hashes cost; forgets what limits need not remember.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::endpoints::Plan;
use crate::jbackend::endpoint::LiveEndpoints;
use crate::jbackend::site_fault::SiteFault;
use crate::joomla::{EndpointRows, SiteRows, StoreError};
use crate::methods::Release;
use crate::supervise::{Rounds, Task, Tasks};

/// What is kept fresh.
pub(super) struct Refresh {
    release: Arc<Release>,
    plan: Plan,
    endpoints: Arc<LiveEndpoints>,
    /// Whoever puts something into force.
    one_at_a_time: Mutex<()>,
    /// The faults of the site that stand in the log.
    faults_told: Mutex<Vec<SiteFault>>,
    /// The log says that the database is down.
    is_down: AtomicBool,
}

impl Refresh {
    pub(super) fn new(release: Arc<Release>, plan: Plan, endpoints: Arc<LiveEndpoints>) -> Self {
        Self {
            release,
            plan,
            endpoints,
            one_at_a_time: Mutex::new(()),
            faults_told: Mutex::default(),
            is_down: AtomicBool::new(false),
        }
    }

    /// Starts asking. While the database is down the last known settings stay in force; one line
    /// in the log says so, another when it is back.
    pub(super) fn every(self: Arc<Self>, period: Duration, tasks: Tasks) -> JoinHandle<()> {
        let work = move |rounds| Arc::clone(&self).go_on(period, rounds);
        tokio::spawn(tasks.keep(Task::SettingsRefresh, work))
    }

    async fn go_on(self: Arc<Self>, period: Duration, rounds: Rounds) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once, and the settings are fresh.
        ticks.tick().await;
        loop {
            rounds.begin();
            ticks.tick().await;
            self.tell_faults();
            let refreshed = self.once().await;
            self.tell_faults();
            match refreshed {
                // Read from the snapshot: who watches the database tells when it is back.
                Ok(()) if self.release.joomla.stand_in_age().is_some() => {
                    self.is_down.store(false, Ordering::Relaxed);
                }
                Ok(()) => {
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

    /// Puts the rows of somebody else into force, who begins to answer: the database or its snapshot.
    pub(super) fn turn_to(&self, site: &SiteRows, rows: &EndpointRows) {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        self.release.settings.update(site);
        self.endpoints.replace(self.plan.build(site, rows));
    }

    /// Puts something into force, unless it is of somebody who no longer answers.
    fn unless_turned(&self, turn: u64, put: impl FnOnce()) {
        let _turn = self.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        if turn.is_multiple_of(2) && self.release.joomla.turn() == turn {
            put();
        }
    }

    /// Logs each fault of the whole site once, and once that it is gone.
    fn tell_faults(&self) {
        let now = SiteFault::of(&self.endpoints.current(), &self.release.settings);
        let mut told = self.faults_told.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in now.iter().filter(|fault| !told.contains(fault)) {
            tracing::error!(fault = fault.name(), "{}; {}", fault.reason(), fault.advice());
        }
        for fault in told.iter().filter(|fault| !now.contains(fault)) {
            tracing::info!(fault = fault.name(), "the fault of the site is mended");
        }
        *told = now;
    }

    async fn once(&self) -> Result<(), StoreError> {
        let Release { joomla, settings, verifier, limits, .. } = &*self.release;
        limits.tidy();
        let turn = joomla.turn();
        let site = joomla.site_rows().await?;
        self.unless_turned(turn, || settings.update(&site));
        let rows = joomla.endpoint_rows().await?;
        self.unless_turned(turn, || self.endpoints.replace(self.plan.build(&site, &rows)));
        // After an update of PHP new accounts have dearer hashes.
        verifier.learn(&joomla.recent_hashes().await?);
        Ok(())
    }
}
