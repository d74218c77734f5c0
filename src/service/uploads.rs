//! From the plan to the desk that accepts uploads; `None` if they are switched off.

use std::sync::Arc;

use super::plan::Plan;
use super::process_state::ProcessState;
use crate::publish::desk::UploadDesk;
use crate::supervise::blocking;

pub(super) fn desk(plan: &Plan, lasting: &ProcessState) -> Option<UploadDesk> {
    let largest = plan.releases.largest_upload?;
    let releases = lasting.releases.clone();
    Some(UploadDesk {
        copies: plan.releases.copies.clone()?,
        largest,
        rules: Arc::clone(&plan.updates.rules),
        addresses: plan.updates.addresses.clone(),
        signing: plan.releases.signing.clone(),
        places: Arc::clone(&lasting.upload_places),
        ledger: Arc::new(move || releases.ledger()),
    })
}

/// Removes the files of uploads that a killed process has left.
pub(super) async fn remove_unfinished(plan: &Plan) {
    let Some(copies) = plan.releases.copies.clone() else { return };
    if let Ok(Err(error)) = blocking(move || copies.remove_unfinished()).await {
        tracing::warn!(%error, "the folder of releases could not be tidied");
    }
}
