//! Asks the database every few seconds for changed settings and end-points, and for what password
//! hashes cost; forgets what limits need not remember.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::endpoints::Plan;
use crate::jbackend::endpoint::LiveEndpoints;
use crate::joomla::StoreError;
use crate::methods::Release;

/// What is kept fresh.
pub(super) struct Refresh {
    pub(super) release: Arc<Release>,
    pub(super) plan: Plan,
    pub(super) endpoints: Arc<LiveEndpoints>,
}

impl Refresh {
    /// Starts asking. While the database is down the last known settings stay in force; one line
    /// in the log says so, another when it is back.
    pub(super) fn every(self, period: Duration) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick comes at once, and the settings are fresh.
            ticks.tick().await;
            let mut down = false;
            loop {
                ticks.tick().await;
                match self.once().await {
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

    async fn once(&self) -> Result<(), StoreError> {
        let Release { joomla, settings, verifier, limits, .. } = &*self.release;
        limits.tidy();
        let site = joomla.site_rows().await?;
        settings.update(&site);
        let rows = joomla.endpoint_rows().await?;
        self.endpoints.replace(self.plan.build(&site, &rows));
        // After an update of PHP new accounts have dearer hashes.
        verifier.learn(&joomla.recent_hashes().await?);
        Ok(())
    }
}
