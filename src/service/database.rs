//! Opens the site's database, with a snapshot beside it if the plan has one.

use std::sync::Arc;

use super::StartError;
use super::running_config::Occasion;
use crate::service::plan::Plan;
use crate::service::plan::database::{DatabaseLocation, DatabasePlan};
use crate::store::standby::{self, CopySource, Failover, StandbySettings, Watcher};
use crate::store::{
    Joomla, MySqlSessionTimes, MySqlSettings, MySqlStore, SessionTimes, SqliteSessionTimes,
    SqliteStore,
};

/// Opens the database for reading.
///
/// # Errors
/// A database that does not answer as the site's would.
pub(super) async fn open_place(place: &DatabaseLocation) -> Result<Arc<dyn Joomla>, StartError> {
    Ok(match place {
        DatabaseLocation::MySql(settings) => Arc::new(MySqlStore::connect(settings.clone()).await?),
        DatabaseLocation::Sqlite { path, prefix, limit } => {
            Arc::new(SqliteStore::open(path, prefix, *limit)?)
        }
    })
}

/// Makes what writes the times of sessions; it opens nothing before the first.
pub(super) fn session_times(plan: &DatabasePlan) -> Option<Arc<dyn SessionTimes>> {
    if plan.read_only {
        return None;
    }
    Some(match (&plan.place, &plan.writer) {
        (DatabaseLocation::Sqlite { path, prefix, limit }, _) => {
            Arc::new(SqliteSessionTimes::new(path.clone(), prefix, *limit))
        }
        (_, Some(writer)) => Arc::new(MySqlSessionTimes::new(writer.clone())),
        (DatabaseLocation::MySql(_), None) => return None,
    })
}

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

/// Opens a database with a snapshot beside it. At the start the snapshot may answer from the
/// beginning; a reload needs the database.
///
/// # Errors
/// A database that does not answer as the site's would.
async fn open_beside(
    database: MySqlSettings,
    settings: StandbySettings,
    at_start: bool,
) -> Result<standby::OpenedDatabase, StartError> {
    if !settings.folder().is_dir() {
        tracing::warn!(
            folder = %settings.folder().display(),
            "the folder of the snapshot is not there, so none can be taken: make it (systemd: \
             `StateDirectory=jbackend-bridge`), or correct `snapshot_file` in `[database]`"
        );
    }
    let open = move || -> standby::Opening {
        let database = database.clone();
        Box::pin(async move {
            let store = MySqlStore::connect(database).await?;
            Ok(Arc::new(store) as Arc<dyn CopySource>)
        })
    };
    Ok(Failover::open(settings, Box::new(open), at_start).await?)
}
