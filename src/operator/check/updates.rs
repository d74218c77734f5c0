//! Update XML: is there any, and which packages should be in it and cannot be. No checksums are computed.

use std::sync::Arc;

use super::finding::{FindingSink, Severity, list};
use super::plugin::PluginSettings;
use crate::config::Config;
use crate::config::values::HttpStatus;
use crate::service::parts;
use crate::service::plan::Draft;
use crate::site::endpoint::Endpoints;
use crate::supervise::Tasks;
use crate::told::{Tell, Told};
use crate::updates::addresses::Addresses;
use crate::updates::memory::{Memory, Options};
use crate::updates::{Listing, Reason, Survey, look as look_at};
use crate::words::count;

/// Findings of a kind that are told one by one.
const TOLD: usize = 20;

pub(super) async fn look(
    config: &Config,
    draft: &Draft,
    settings: Option<&PluginSettings>,
    endpoints: Option<&Endpoints>,
    notes: &mut FindingSink<'_>,
) {
    let Some(plan) = notes.part(&draft.updates, Some("`[updates]`")) else { return };
    let rules = &plan.rules;
    if !plan.addresses.is_on {
        notes.ok("switched off: `enabled = false` in `[updates]`");
        return;
    }
    let (Some(settings), Some(endpoints)) = (settings, endpoints) else {
        notes.skipped("update XML: not looked at, since settings or end-points could not be read");
        return;
    };
    // A site that never asked for update XML is none the worse without.
    let severity = if plan.is_wanted { Severity::Warning } else { Severity::Notice };
    for problem in rules.unknown(&settings.catalog) {
        notes.warning(problem).at("`[updates]`").advise("correct the id, or remove it");
    }
    refusals_as_zip(config, notes);
    let addresses = match Addresses::new(&plan.addresses, endpoints) {
        Ok(addresses) => addresses,
        Err(error) => {
            notes.failure(severity, error.told().after("there is no update XML: "));
            return;
        }
    };
    let parts = draft.site.as_ref().ok().zip(draft.release.as_ref().ok());
    let packages = parts.map(|(site, release)| parts::packages(site, release, &settings.text));
    let Some(Ok((_, folder))) = packages else {
        notes.skipped("update XML: not looked at, since the package folder is not known");
        return;
    };
    let memory = Memory::open(Options {
        file: None,
        read_only: true,
        workers: 1,
        progress: Arc::new(()),
        tasks: Tasks::default(),
    });
    let looks = look_at(&settings.catalog, &folder, rules, false, &memory.await, None).await;
    let survey = Survey::of(&settings.catalog, &looks, rules, Ok(addresses));
    left_out(&survey, severity, notes);
    for note in survey.notes.iter().take(TOLD) {
        notes.notice(note);
    }
    if survey.notes.len() > TOLD {
        notes
            .notice(format!("{} more such things", survey.notes.len() - TOLD))
            .advise("see `jbackend-bridge updates`");
    }
    let listed = survey.packages.iter().filter(|listing| listing.is_awaited()).count();
    if listed > 0 {
        notes.ok(format!("{} in {} update XML", count(listed, "package"), survey.streams.len()));
    }
}

/// Joomla's updater shows the reason of a refusal only with a status of its own.
fn refusals_as_zip(config: &Config, notes: &mut FindingSink<'_>) {
    if !config.updates.listed.is_empty() && config.release.http_status == HttpStatus::Always200 {
        notes
            .notice(
                "Joomla's updater takes a refused download for a broken ZIP file, since refusals have \
                 the status 200",
            )
            .at("`release.http_status`")
            .advise(
                "set `http_status = \"joomla-updater\"` in `[release]`: administrators are then told \
                 that they were refused, and all other clients get 200 as before",
            );
    }
}

fn left_out(survey: &Survey, severity: Severity, notes: &mut FindingSink<'_>) {
    // A package whose file or line is wrong has been told with the files and lines.
    let told = |listing: &&Listing| {
        let elsewhere = |reason: &Reason| {
            matches!(reason, Reason::File(_) | Reason::Path(_) | Reason::UnknownGroup(_))
        };
        listing.is_defect() && !listing.reason.as_ref().is_some_and(elsewhere)
    };
    let left_out: Vec<_> = survey.packages.iter().filter(told).collect();
    if severity == Severity::Notice {
        let ids: Vec<_> = left_out.iter().map(|listing| &listing.package).collect();
        if !ids.is_empty() {
            let number = count(ids.len(), "package");
            notes.notice(format!("{number} cannot stand in update XML: {}", list(&ids))).advise(
                "nothing, unless Joomla is to update them: `jbackend-bridge updates` says why",
            );
        }
        return;
    }
    for listing in left_out.iter().take(TOLD) {
        let reason = listing.reason.as_ref().map_or_else(|| Told::only(""), Tell::told);
        notes.failure(severity, reason).at(format!("package `{}`", listing.package));
    }
    if left_out.len() > TOLD {
        notes
            .add(severity, format!("{} more packages cannot be listed", left_out.len() - TOLD))
            .advise("see `jbackend-bridge updates`");
    }
}
