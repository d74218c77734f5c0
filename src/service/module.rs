//! Builds the release module, and the source of its settings, from the plan.
//!
//! Called whenever a site is read: at the start, by a reload and by the operator's commands.

use std::path::Path;
use std::sync::Arc;

use super::bounds::OPEN_LIMIT;
use super::mail;
use super::plan::Plan;
use super::process_state::ProcessState;
use crate::methods::Release;
use crate::packages::Packages;
use crate::packages::folder::Folder;
use crate::packages::private_copies::{PrivateCopies, WithCopies};
use crate::signing::gate::RefusedPackages;
use crate::signing::seen::SeenSigned;
use crate::signing::{Gate, SigningRules};
use crate::site::settings::SettingsSource;

pub(super) fn settings_source(plan: &Plan, lasting: &ProcessState) -> SettingsSource {
    let release = &plan.release;
    let copies = plan.releases.copies.clone();
    let rules = plan.releases.signing.clone();
    let (seen, refused) = (lasting.seen_signed.clone(), lasting.refused.clone());
    let open_folder = lasting.open_folder(release.allow_roots.clone(), release.offload.is_some());
    SettingsSource {
        fixed: release.fixed.clone(),
        param_names: release.param_names.clone(),
        root: plan.site.root.clone(),
        table: plan.database.place.extensions_table(),
        rules: plan.site.rules(),
        require_enabled: release.require_enabled,
        allow_guessable: release.allow_guessable.clone(),
        keys: Arc::clone(&plan.keys),
        open_folder: Box::new(move |path: &Path| {
            let files = Arc::new(open_folder(path));
            served(files, copies.as_ref(), &rules, &seen, &refused)
        }),
        releases: lasting.releases.records.clone(),
    }
}

pub(super) fn release(plan: &Plan, lasting: &ProcessState) -> Release {
    let mailer = mail::mailer(&plan.mail, &lasting.metrics);
    if let Some(half) = plan.letters.half_set() {
        tracing::warn!(%half, "the letter with a license key is half a set of templates");
    }
    Release {
        verifier: lasting.verifier(plan.release.login_queue),
        keys: Arc::clone(&plan.keys),
        mailer,
        letters: Arc::clone(&plan.letters),
        site_name: plan.site.name.clone().unwrap_or_default(),
        policy: plan.release.policy,
        dlid_in_json: plan.release.dlid_in_json,
        limits: lasting.limits.limits(&plan.limits),
        mails_waiting: Arc::clone(&lasting.mails_waiting),
        tasks: lasting.metrics.tasks.clone(),
        open_limit: OPEN_LIMIT,
    }
}

/// Adds the private copies of releases to the package folder, and puts the rules of signatures in
/// front of both.
pub(super) fn served(
    folder: Arc<dyn Packages>,
    copies: Option<&PrivateCopies>,
    rules: &SigningRules,
    seen: &SeenSigned,
    refused: &RefusedPackages,
) -> Arc<dyn Packages> {
    let Some(copies) = copies else { return folder };
    let private = Folder::new(copies.place().to_owned(), Vec::new());
    let files = Arc::new(WithCopies::new(folder, private));
    if !rules.require_some() {
        return files;
    }
    Arc::new(Gate::new(files, copies.clone(), rules.clone(), seen.clone(), refused.clone()))
}
