//! Logs problems of settings that come into force.
//!
//! Called by [`LiveSite`](super::LiveSite) at the start and after each change. It must not change
//! the settings.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::settings::{Settings, SettingsSource, seed, unix_now};
use crate::packages::{PackageError, Packages};
use crate::release::catalog::PlacedFlaw;
use crate::release::license::Guessable;
use crate::words::{TOLD, beyond_told};

/// Logs the problems of settings that come into force. It writes at most [`TOLD`] lines of each
/// kind, because a text area can contain a hundred thousand wrong lines.
pub(super) fn report(source: &SettingsSource, settings: &Settings) {
    let findings = settings.catalog.findings();
    for PlacedFlaw { setting, line, flaw } in findings.iter().take(TOLD) {
        tracing::warn!(%setting, line, "{}", short(flaw));
    }
    if let Some(more) = beyond_told(findings.len()) {
        tracing::warn!(
            "{more} more lines of the settings are wrong: `jbackend-bridge check` says which kinds"
        );
    }
    let closed = settings.closed();
    for group in closed.iter().take(TOLD) {
        tracing::warn!(
            group = short(group),
            "neither the package group's hash nor Joomla's secret is set: anybody could compute its \
             keys, so it answers REL_GNF; give the package group a hash"
        );
    }
    if let Some(more) = beyond_told(closed.len()) {
        tracing::warn!("{more} more package groups have no hash and answer REL_GNF");
    }
    let groups = settings.catalog.groups();
    let problems = groups.iter().flat_map(|group| source.keys.check(&seed(group), unix_now()));
    let mut failed = 0;
    for error in problems {
        failed += 1;
        if failed <= TOLD {
            tracing::error!(error = short(&error), "license keys that cannot be made");
        }
    }
    if let Some(more) = beyond_told(failed) {
        tracing::error!("{more} more package groups or recipes make no license keys");
    }
    warn_of_guessable(source, settings);
    report_unusable(settings.folder_path.clone(), Arc::clone(&settings.folder));
}

/// Checks the folder off the async threads, and does not wait for the result: a file system that
/// hangs must not delay new settings.
fn report_unusable(path: PathBuf, folder: Arc<dyn Packages>) {
    let look = move || {
        let Err(error) = folder.check() else { return };
        let path = path.display();
        match &error {
            PackageError::NoFolder { source, .. } if is_missing(source) => {
                tracing::error!(folder = %path, "the package folder is missing: downloads answer REL_FNF; create it, or correct the option Folder of the plugin");
            }
            PackageError::NoFolder { source, .. } => {
                tracing::error!(folder = %path, reason = %source, "the package folder cannot be used: no package can be downloaded; give the service's user the right to read it and to pass the folders above it");
            }
            _ => tracing::error!(folder = %path, %error, "no package can be downloaded"),
        }
    };
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(look)),
        Err(_) => look(),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn warn_of_guessable(source: &SettingsSource, settings: &Settings) {
    let mut guessable = 0;
    for group in settings.catalog.groups() {
        if source.allow_guessable.contains(&group.id) || settings.closed.contains(&group.id) {
            continue;
        }
        for Guessable { recipe, seed } in source.keys.guessable(&seed(group), unix_now()) {
            guessable += 1;
            if guessable > TOLD {
                continue;
            }
            tracing::warn!(
                group = short(&group.id),
                "{recipe} with {seed} reads no hash and no secret: anybody can compute the keys of \
                 this package group; give it a hash, or list it in `allow_guessable`"
            );
        }
    }
    if let Some(more) = beyond_told(guessable) {
        tracing::warn!("the keys of {more} more package groups or recipes can be computed, too");
    }
}

/// Cuts a text that an operator may have written, for a log line.
fn short(text: &impl Display) -> String {
    /// A settings line can have any length.
    const LONGEST: usize = 300;
    let text = text.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
