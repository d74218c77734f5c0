//! The database, opened for requests: with a standby copy beside it, if the configuration has one.

use std::sync::Arc;

use super::database::{DatabaseLocation, place};
use super::standby;
use super::start_error::StartError;
use crate::config::sections::Database;
use crate::store::Joomla;
use crate::store::standby::{Failover, Watcher};

/// A database that is open for requests.
pub(super) struct OpenedStore {
    pub(super) place: DatabaseLocation,
    /// What answers first.
    pub(super) joomla: Arc<dyn Joomla>,
    /// What is known of the database and its copy.
    pub(super) failover: Option<Arc<Failover>>,
    /// What has to run beside it.
    pub(super) watcher: Option<Watcher>,
}

/// Opens the database for requests: with a snapshot beside it, where the configuration wants one.
///
/// # Errors
/// A section that makes no sense; a database that does not answer as the site's would.
pub(super) async fn open(config: &Database, occasion: Occasion) -> Result<OpenedStore, StartError> {
    let place = place(config)?;
    let snapshot = standby::settings(config, &place)?;
    if let (Some(snapshot), DatabaseLocation::MySql(settings)) = (snapshot, &place) {
        let at_start = occasion == Occasion::Start;
        let opened = standby::open(settings.clone(), snapshot, at_start).await?;
        return Ok(OpenedStore {
            place,
            joomla: opened.store,
            failover: Some(opened.failover),
            watcher: Some(opened.watcher),
        });
    }
    let joomla = place.open().await?;
    Ok(OpenedStore { place, joomla, failover: None, watcher: None })
}

/// Why a generation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The service starts: a snapshot is better than nothing.
    Start,
    /// Another one is in force: without the database it stays.
    Reload,
}
