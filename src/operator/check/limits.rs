//! The server through which limits are shared: does it answer. Nothing is found where none is wanted.

use super::finding::{FindingSink, Severity};
use super::options::CheckOptions;
use crate::config::Config;
use crate::service::parts;

pub(super) async fn look(config: &Config, wishes: &CheckOptions, notes: &mut FindingSink<'_>) {
    let server = match parts::shared_limits(config) {
        Ok(None) => return,
        Ok(Some(server)) => server,
        Err(error) => {
            notes.failure(Severity::Error, error);
            return;
        }
    };
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
                     \"Several bridges\", says what rights it must give",
                );
        }
    }
}
