//! Reads the settings of the snapshot beside the database from the `[database]` section.

use std::time::Duration;

use super::database::DatabaseLocation;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Database;
use crate::config::values::StandbyRule;
use crate::store::standby::StandbySettings;

/// Reads how snapshots are taken; `None` if snapshots are off, or if the database is not known.
pub(super) fn settings(
    config: &Database,
    place: Option<&DatabaseLocation>,
) -> Result<Option<StandbySettings>, Problems> {
    if config.snapshot == StandbyRule::Off {
        return Ok(None);
    }
    let mut problems = Problems::default();
    problems.sort(file(config));
    problems.sort(period(config));
    let settings = match place {
        Some(DatabaseLocation::MySql(settings)) => Some(settings),
        Some(DatabaseLocation::Sqlite { .. }) => {
            let what = "a SQLite database is a file already and cannot be out of reach";
            return Err(Problem::new("database.snapshot", what, "set it to `off`").into());
        }
        None => None,
    };
    if !problems.0.is_empty() {
        return Err(problems);
    }
    Ok(settings.map(|settings| StandbySettings {
        file: config.snapshot_file.clone(),
        every: Duration::from_secs(config.snapshot_every),
        max_age: Duration::from_secs(config.snapshot_max_age),
        passwords: config.snapshot_passwords,
        site: format!("{}/{}/{}", settings.address, settings.database, settings.prefix),
        prefix: settings.prefix.clone(),
        limit: settings.query_timeout,
    }))
}

fn file(config: &Database) -> Result<(), Problem> {
    let file = &config.snapshot_file;
    if file.file_name().is_none() || file.is_dir() {
        let what = format!("`{}` names no file", file.display());
        let advice = "write one like `/var/lib/jbackend-bridge/snapshot.db`";
        return Err(Problem::new("database.snapshot_file", what, advice));
    }
    Ok(())
}

fn period(config: &Database) -> Result<(), Problem> {
    let wrong = |what: &str, advice| Err(Problem::new("database.snapshot_every", what, advice));
    if config.snapshot_every == 0 {
        return wrong(
            "`0` is no time",
            "write at least 1 second, or switch snapshots off by `snapshot = \"off\"`",
        );
    }
    if config.snapshot_every > config.snapshot_max_age {
        let what = format!(
            "a snapshot every {} s would be older than `snapshot_max_age`, {} s, before the next one is \
             taken",
            config.snapshot_every, config.snapshot_max_age
        );
        return wrong(&what, "make it shorter");
    }
    Ok(())
}
