//! Opens the database for requests, with a standby copy beside it if the plan has one.

use std::sync::Arc;

use super::database::{open_beside, open_place};
use super::plan::Plan;
use super::plan::database::DatabaseLocation;
use super::start_error::StartError;
use crate::store::Joomla;
use crate::store::standby::{Failover, Watcher};

/// A database that is open for requests.
pub(super) struct OpenedStore {
    /// The store that answers requests: the database, or both behind one store.
    pub(super) joomla: Arc<dyn Joomla>,
    /// The state of the database and its copy.
    pub(super) failover: Option<Arc<Failover>>,
    /// The task that watches the database.
    pub(super) watcher: Option<Watcher>,
}

/// Opens the database for requests, with a snapshot beside it if the plan has one.
///
/// # Errors
/// A database that cannot be reached or does not answer as a Joomla site's database.
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

/// The reason for reading a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The service starts: it may answer from the snapshot.
    Start,
    /// A reload: without the database it fails, and the former configuration stays in force.
    Reload,
}
