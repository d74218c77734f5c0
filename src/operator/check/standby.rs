//! The snapshot of the database: can one be taken, and would the one there be of use. Nothing is
//! found where none is wanted.

use rustix::fs::{Access, access};

use super::finding::{FindingSink, Severity};
use crate::service::plan::Draft;
use crate::store::standby::{StandbyCopy, StandbySettings, Unusable};
use crate::words::{count, span};

pub(super) fn look(draft: &Draft, notes: &mut FindingSink<'_>) {
    let Some(Some(settings)) = notes.part(&draft.snapshot, None) else { return };
    folder(settings, notes);
    file(settings, notes);
    if settings.passwords {
        notes
            .notice("the snapshot of the database holds the password hashes of all accounts")
            .at("`database.snapshot_passwords`")
            .advise("leave it off unless keybyauth has to work without the database");
    }
}

fn folder(settings: &StandbySettings, notes: &mut FindingSink<'_>) {
    let folder = settings.folder();
    if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        notes
            .error("no snapshot of the database can be taken: its folder is not there, or may not be written")
            .at(format!("`{}`", folder.display()))
            .advise(
                "make the folder and give it to the service's user (systemd: \
                 `StateDirectory=jbackend-bridge`), or correct `snapshot_file` in `[database]`",
            );
    }
}

fn file(settings: &StandbySettings, notes: &mut FindingSink<'_>) {
    let taken = match StandbyCopy::open(settings) {
        Ok(taken) => taken,
        Err(Unusable::Missing(_)) => {
            notes
                .notice("there is no snapshot of the database yet")
                .at(format!("`{}`", settings.file.display()))
                .advise("start the service: it takes one at once");
            return;
        }
        Err(unusable) => {
            notes.failure(Severity::Warning, unusable);
            return;
        }
    };
    let accounts = count(usize::try_from(taken.users).unwrap_or(usize::MAX), "account");
    match taken.age() {
        Some(age) if age <= settings.max_age => {
            notes.ok(format!("a snapshot of the database, {} old, {accounts}", span(age)));
        }
        age => {
            let age = age.map_or("from the future".to_owned(), |age| format!("{} old", span(age)));
            notes
                .warning(format!("the snapshot of the database is {age}: it would answer nothing"))
                .at(format!("`{}`", settings.file.display()))
                .advise("see whether the service runs, and in its log why it takes no other");
        }
    }
}
