//! The server through which limits are shared: does it answer. If limits are not
//! shared, there is no finding.

use super::finding::FindingSink;
use super::options::CheckOptions;
use crate::service::plan::Draft;

pub(super) async fn look(draft: &Draft, wishes: &CheckOptions, notes: &mut FindingSink<'_>) {
    let plan = notes.part(&draft.limits, None);
    let Some(sharing) = plan.and_then(|plan| plan.sharing.as_ref()) else { return };
    let server = &sharing.server;
    if wishes.offline {
        notes
            .skipped("whether the server that shares limits can be reached: `--offline`")
            .advise("run it again without `--offline`");
        return;
    }
    match server.reach().await {
        Ok(()) => notes.ok(format!("limits are shared through `{}`", server.address())),
        Err(error) => {
            notes
                .warning(format!(
                    "limits are not shared, each bridge counts for itself: `{}`: {error}",
                    server.address()
                ))
                .at("`limits.shared`")
                .advise(
                    "start the server, or correct its address, name and password; docs/operations.md, \
                     \"Several bridges\", names the rights that it must give",
                );
        }
    }
}
