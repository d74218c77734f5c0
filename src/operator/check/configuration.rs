//! `configuration.php` and the configuration: does it load, which sources have its values, and would
//! the service start with it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::{FindingSink, Severity, list};
use super::mail;
use crate::config::origin::SetValue;
use crate::config::problem::ValuePlace;
use crate::config::section::ValueKind;
use crate::config::values::{MailTransport, StandbyRule};
use crate::config::{Config, ConfigError};
use crate::ledger::sqlite as ledger;
use crate::service::plan::mail::{MailPlan, Way};
use crate::service::plan::{Draft, circle};
use crate::updates::memory::StateFile;
use crate::words::count;

/// The permission for all users of the machine to read.
const WORLD_READABLE: u32 = 0o004;

/// A configuration that cannot be read ends the run: all that is wrong with it is named, and all that is wrong
/// with the rest of it.
pub(super) fn unusable(error: &ConfigError, notes: &mut FindingSink<'_>) {
    if let ConfigError::Unreadable { problems, rest } = error {
        notes.keep_all();
        notes.problems(problems, None);
        let has = |key: &str| problems.0.iter().any(|problem| problem.key == key);
        // Values that the site would give are not missing.
        let is_site_unknown = has("joomla.root") || has("");
        let draft = rest.as_ref().map(|rest| Draft::of(rest));
        for problem in draft.as_ref().map(Draft::problems).unwrap_or_default() {
            let is_told = has(&problem.key) || is_site_unknown && problem.is_missing();
            if !is_told {
                notes.failure(Severity::Error, problem).at(format!("`{}`", problem.key));
            }
        }
        if !is_site_unknown
            && let Some(Ok(MailPlan { way: Way::Blocked(error), .. })) =
                draft.map(|draft| draft.mail)
        {
            mail::unusable(&error, notes);
        }
    } else {
        notes.failure(Severity::Error, error);
    }
    notes.skipped("everything else: it needs the configuration");
}

pub(super) fn look(
    config: &Config,
    draft: &Draft,
    values: &[SetValue],
    notes: &mut FindingSink<'_>,
) {
    notes.ok(format!("loaded: {}", sources(values)));
    let parts =
        [draft.fixed.as_ref().err(), draft.site.as_ref().err(), draft.fallback.as_ref().err()];
    for problems in parts.into_iter().flatten() {
        notes.problems(problems, None);
    }
    for problem in draft.log.as_ref().err().iter().flat_map(|problems| &problems.0) {
        notes.failure(Severity::Error, &problem.told).at(format!("`{}`", problem.key));
    }
    for (file, keys) in secrets_by_file(values) {
        let Ok(mode) = fs::metadata(&file).map(|metadata| metadata.permissions().mode()) else {
            continue;
        };
        // Joomla lets all users read its own file.
        if mode & WORLD_READABLE != 0 {
            notes
                .warning(format!(
                    "all users of this machine may read the secrets in the configuration file: {}",
                    list(&keys)
                ))
                .at(format!("`{file}`"))
                .advise(format!(
                    "give it to the service's user and run `chmod o-r {file}`, or put the secrets \
                     into files named by the variables ending in `_FILE`"
                ));
        }
    }
    if config.updates.enabled
        && let Some(file) =
            config.updates.checksum_file.as_ref().filter(|file| !file.as_os_str().is_empty())
        && let Err(error) = StateFile::new(file.clone()).try_writing()
    {
        notes.failure(Severity::Warning, error).at("`updates.checksum_file`");
    }
    look_at_ledger(config, notes);
    open_to_visitors(config, values, notes);
    if config.joomla.root.is_none() {
        notes
            .notice("the site's folder is not known: `configuration.php` was not read")
            .at("`joomla.root`")
            .advise("set `root` in `[joomla]` or `--joomla-root`, unless all values are set here");
    }
}

/// The ledger, if the configuration names one.
fn look_at_ledger(config: &Config, notes: &mut FindingSink<'_>) {
    let Some(path) = config.ledger.url.as_ref().and_then(|url| url.path()) else { return };
    match ledger::inspect(path) {
        Ok(Some(_)) => notes.ok(format!("ledger: `{}`", path.display())),
        Ok(None) => notes.ok(format!("ledger: `{}`, made by the service", path.display())),
        Err(error) => {
            notes.failure(Severity::Warning, error).at("`ledger.url`");
        }
    }
}

/// Looks for a site behind the bridge that is the bridge.
pub(super) async fn circle(draft: &Draft, notes: &mut FindingSink<'_>) {
    if let (Ok(fallback), Ok(fixed)) = (&draft.fallback, &draft.fixed) {
        let found = circle::upstream_is_not_the_bridge(fallback.upstream.as_ref(), fixed).await;
        if let Err(problem) = found {
            notes.problems(&problem.into(), None);
        }
    }
}

/// Files of ours in the site's folder, which the web server hands out unless it is told not to.
fn open_to_visitors(config: &Config, values: &[SetValue], notes: &mut FindingSink<'_>) {
    let Some(root) = config.joomla.root.as_ref().and_then(|root| root.canonicalize().ok()) else {
        return;
    };
    let own = values.iter().filter(|value| value.field.is_none());
    let mut files: Vec<(&Path, &str)> = own
        .filter_map(|value| match &value.place {
            ValuePlace::File(file, _) => Some((file.as_path(), "the configuration file")),
            _ => None,
        })
        .collect();
    files.truncate(1);
    let keys = config.license.accepted_keys.iter().map(|path| (path.as_path(), "the list of keys"));
    files.extend(keys);
    if config.mail.transport == Some(MailTransport::File) {
        let outbox = config.mail.outbox.iter();
        files.extend(outbox.map(|path| (path.as_path(), "the folder for mails with license keys")));
    }
    if config.database.snapshot == StandbyRule::On {
        files.push((&config.database.snapshot_file, "the snapshot of the database"));
    }
    for (file, what) in files {
        // A snapshot may not be there yet: its folder is.
        let place = file.canonicalize().or_else(|_| file.parent().unwrap_or(file).canonicalize());
        if place.is_ok_and(|place| place.starts_with(&root)) {
            notes
                .warning(format!(
                    "{what} lies in the site's folder: the web server may hand it out to all visitors"
                ))
                .at(format!("`{}`", file.display()))
                .advise("move it out of there, for example into `/etc/jbackend-bridge`");
        }
    }
}

/// ``12 values from `configuration.php`, 2 from …``
fn sources(values: &[SetValue]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for value in values {
        let name = match &value.place {
            ValuePlace::File(path, _) => format!("`{}`", path.display()),
            ValuePlace::Variable(_) => "the environment".to_owned(),
            ValuePlace::Named(name) if name.starts_with("the flag") => {
                "the command line".to_owned()
            }
            ValuePlace::Named(name) => name.clone(),
        };
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, number)) => *number += 1,
            None => counts.push((name, 1)),
        }
    }
    let counts: Vec<_> = counts
        .into_iter()
        .map(|(name, number)| format!("{} from {name}", count(number, "value")))
        .collect();
    format!("{}; the others are defaults", counts.join(", "))
}

/// The keys of real secrets that stand in a file of ours.
fn secrets_by_file(values: &[SetValue]) -> BTreeMap<String, Vec<&str>> {
    let mut files = BTreeMap::new();
    for value in values {
        let ValuePlace::File(file, _) = &value.place else { continue };
        if value.kind == ValueKind::Secret && value.field.is_none() {
            let keys: &mut Vec<_> = files.entry(file.display().to_string()).or_default();
            keys.push(value.key.as_str());
        }
    }
    files
}
