//! Opens the site's database, by itself or with a standby copy beside it.

use std::sync::Arc;

use super::start_error::StartError;
use crate::service::plan::database::{DatabaseLocation, DatabasePlan};
use crate::store::standby::{self, CopySource, Failover, StandbySettings};
use crate::store::{
    Joomla, MySqlSessionTimes, MySqlSettings, MySqlStore, SessionTimes, SqliteSessionTimes,
    SqliteStore,
};

/// Opens the database for reading.
///
/// # Errors
/// A database that cannot be reached or does not answer as a Joomla site's database.
pub(super) async fn open_place(place: &DatabaseLocation) -> Result<Arc<dyn Joomla>, StartError> {
    Ok(match place {
        DatabaseLocation::MySql(settings) => Arc::new(MySqlStore::connect(settings.clone()).await?),
        DatabaseLocation::Sqlite { path, prefix, limit } => {
            Arc::new(SqliteStore::open(path, prefix, *limit)?)
        }
    })
}

/// Builds the writer of session times; it connects only when the first time is written.
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

/// Opens a database with a snapshot beside it. At the start the snapshot may answer if the database
/// cannot; a reload needs the database.
///
/// # Errors
/// A database that cannot be reached or does not answer as a Joomla site's database.
pub(super) async fn open_beside(
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
