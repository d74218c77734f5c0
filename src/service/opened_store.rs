//! The database, opened for requests: with a standby copy beside it, if the plan has one.

use std::sync::Arc;

use super::database::{open_beside, open_place};
use super::plan::Plan;
use super::plan::database::DatabaseLocation;
use super::start_error::StartError;
use crate::store::Joomla;
use crate::store::standby::{Failover, Watcher};

/// A database that is open for requests.
pub(super) struct OpenedStore {
    /// What answers first.
    pub(super) joomla: Arc<dyn Joomla>,
    /// What is known of the database and its copy.
    pub(super) failover: Option<Arc<Failover>>,
    /// What has to run beside it.
    pub(super) watcher: Option<Watcher>,
}

/// Opens the database for requests: with a snapshot beside it, if the plan has one.
///
/// # Errors
/// A database that does not answer as the site's would.
pub(super) async fn open(plan: &Plan, occasion: Occasion) -> Result<OpenedStore, StartError> {
    if let (Some(snapshot), DatabaseLocation::MySql(settings)) =
        (&plan.snapshot, &plan.database.place)
    {
        let at_start = occasion == Occasion::Start;
        let opened = open_beside(settings.clone(), snapshot.clone(), at_start).await?;
        return Ok(OpenedStore {
            joomla: opened.store,
            failover: Some(opened.failover),
            watcher: Some(opened.watcher),
        });
    }
    let joomla = open_place(&plan.database.place).await?;
    Ok(OpenedStore { joomla, failover: None, watcher: None })
}

/// Why a generation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The service starts: a snapshot is better than nothing.
    Start,
    /// Another one is in force: without the database it stays.
    Reload,
}
