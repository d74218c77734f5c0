//! From the `[database]` section to a snapshot beside the database.

use std::sync::Arc;
use std::time::Duration;

use super::database::DatabaseLocation;
use super::start_error::StartError;
use crate::config::sections::Database;
use crate::config::values::StandbyRule;
use crate::store::standby::{CopySource, Failover, OpenedDatabase, StandbySettings};
use crate::store::{MySqlSettings, MySqlStore};

/// How snapshots are taken; nothing where none are.
///
/// # Errors
/// Settings that contradict each other.
pub(super) fn settings(
    config: &Database,
    place: &DatabaseLocation,
) -> Result<Option<StandbySettings>, StartError> {
    if config.snapshot == StandbyRule::Off {
        return Ok(None);
    }
    let DatabaseLocation::MySql(settings) = place else {
        return Err(StartError::Config(
            "`database.snapshot`: a SQLite database is a file already and cannot be out of reach: set \
             it to `off`"
                .into(),
        ));
    };
    let file = &config.snapshot_file;
    if file.file_name().is_none() || file.is_dir() {
        return Err(StartError::Config(format!(
            "`database.snapshot_file`: `{}` names no file: write one like \
             `/var/lib/jbackend-bridge/snapshot.db`",
            file.display()
        )));
    }
    if config.snapshot_every == 0 {
        return Err(StartError::Config(
            "`database.snapshot_every`: `0` is no time: write at least 1 second, or switch snapshots \
             off by `snapshot = \"off\"`"
                .into(),
        ));
    }
    if config.snapshot_every > config.snapshot_max_age {
        return Err(StartError::Config(format!(
            "`database.snapshot_every`: a snapshot every {} s would be older than \
             `snapshot_max_age`, {} s, before the next one is taken: make it shorter",
            config.snapshot_every, config.snapshot_max_age
        )));
    }
    Ok(Some(StandbySettings {
        file: file.clone(),
        every: Duration::from_secs(config.snapshot_every),
        max_age: Duration::from_secs(config.snapshot_max_age),
        passwords: config.snapshot_passwords,
        site: format!("{}/{}/{}", settings.address, settings.database, settings.prefix),
        prefix: settings.prefix.clone(),
        limit: settings.query_timeout,
    }))
}

/// Opens a database with a snapshot beside it. At the start the snapshot may answer from the
/// beginning; a reload needs the database.
///
/// # Errors
/// A database that does not answer as the site's would.
pub(super) async fn open(
    database: MySqlSettings,
    snapshot: StandbySettings,
    at_start: bool,
) -> Result<OpenedDatabase, StartError> {
    if !snapshot.folder().is_dir() {
        tracing::warn!(
            folder = %snapshot.folder().display(),
            "the folder of the snapshot is not there, so none can be taken: make it (systemd: \
             `StateDirectory=jbackend-bridge`), or correct `snapshot_file` in `[database]`"
        );
    }
    let open = move || -> crate::store::standby::Opening {
        let database = database.clone();
        Box::pin(async move {
            let store = MySqlStore::connect(database).await?;
            Ok(Arc::new(store) as Arc<dyn CopySource>)
        })
    };
    Ok(Failover::open(snapshot, Box::new(open), at_start).await?)
}
