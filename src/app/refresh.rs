//! Asks the database every few seconds for changed settings and end-points, and for what password
//! hashes cost; forgets what limits need not remember.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::endpoints::Plan;
use crate::jbackend::endpoint::LiveEndpoints;
use crate::jbackend::site_fault::SiteFault;
use crate::joomla::{EndpointRows, SiteRows, StoreError};
use crate::methods::Release;

/// What is kept fresh.
pub(super) struct Refresh {
    release: Arc<Release>,
    plan: Plan,
    endpoints: Arc<LiveEndpoints>,
    /// Whoever puts something into force.
    one_at_a_time: Mutex<()>,
    /// The faults of the site that stand in the log.
    faults_told: Mutex<Vec<SiteFault>>,
}

impl Refresh {
    pub(super) fn new(release: Arc<Release>, plan: Plan, endpoints: Arc<LiveEndpoints>) -> Self {
        Self {
            release,
            plan,
            endpoints,
            one_at_a_time: Mutex::new(()),
            faults_told: Mutex::default(),
        }
    }

    /// Starts asking. While the database is down the last known settings stay in force; one line
    /// in the log says so, another when it is back.
    pub(super) fn every(self: Arc<Self>, period: Duration) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick comes at once, and the settings are fresh.
            ticks.tick().await;
            self.tell_faults();
            let mut down = false;
            loop {
                ticks.tick().await;
                let refreshed = self.once().await;
                self.tell_faults();
                match refreshed {
                    // Read from the snapshot: who watches the database tells when it is back.
                    Ok(()) if self.release.joomla.stand_in_age().is_some() => down = false,
                    Ok(()) => {
                        if std::mem::take(&mut down) {
                            tracing::info!("the database answers again");
                        }
                    }
                    Err(error) if !down => {
                        down = true;
                        tracing::error!(%error, "settings cannot be refreshed: the last known ones stay in force");
                    }
                    Err(_) => {}
                }
            }
        })
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
