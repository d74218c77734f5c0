//! Asks the database every few seconds for changed settings.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::joomla::Joomla;
use crate::methods::settings::Settings;

/// Starts asking. While the database is down the last known settings stay in force; one line in
/// the log says so, another when it is back.
pub(super) fn every(
    period: Duration,
    joomla: Arc<dyn Joomla>,
    settings: Arc<Settings>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once, and the settings are fresh.
        ticks.tick().await;
        let mut down = false;
        loop {
            ticks.tick().await;
            match joomla.site_rows().await {
                Ok(rows) => {
                    if std::mem::take(&mut down) {
                        tracing::info!("the database answers again");
                    }
                    settings.update(&rows);
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
