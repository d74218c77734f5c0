//! Signatures: whether each package that needs one has a good one, as the service would judge it.

use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use super::finding::FindingSink;
use super::plugin::PluginSettings;
use crate::config::Config;
use crate::config::offload::OffloadTo;
use crate::packages::PackageError;
use crate::service::parts;
use crate::service::plan::Draft;
use crate::told::Told;
use crate::words::count;

/// A file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn look(
    config: &Config,
    draft: &Draft,
    settings: Option<&PluginSettings>,
    notes: &mut FindingSink<'_>,
) {
    let (Ok(site), Ok(release), Ok(releases)) = (&draft.site, &draft.release, &draft.releases)
    else {
        return;
    };
    let (true, Some(settings)) = (releases.signing.require_some(), settings) else { return };
    notes
        .notice("versions that were served signed are remembered until the service stops")
        .at("`[[signing]]`")
        .advise("see after a restart whether each id still has its newest file");
    if config.packages.offload != OffloadTo::Off {
        notes
            .notice("the web server sends no package: each is sent by the bridge, from its checked copy")
            .at("`packages.offload`")
            .advise("remove it, or leave it for a time without `[[signing]]`");
    }
    let Ok((_, files)) = parts::packages(site, release, &settings.text) else { return };
    let place = match TempDir::new() {
        Ok(place) => place,
        Err(error) => {
            notes.skipped(format!("signatures: no temporary folder ({error})"));
            return;
        }
    };
    let gate = parts::behind_signatures(files, &releases.signing, place.path());
    let mut good = 0;
    for package in settings.catalog.packages() {
        let (Ok(path), None) = (&package.path, &package.release) else { continue };
        match timeout(PATIENCE, gate.open_package(package, path)).await {
            Ok(Ok(_)) => good += 1,
            Ok(Err(PackageError::Unsigned { reason: Told { what, advice, .. }, .. })) => {
                let finding = notes.error(format!("the package is refused: {what}"));
                finding.at(format!("package `{}`, file `{path}`", package.id));
                finding.advise(advice.unwrap_or_else(|| "build the file again".to_owned()));
            }
            // The look at the files tells it.
            Ok(Err(_)) | Err(_) => {}
        }
    }
    if good > 0 {
        let number = count(good, "package");
        notes.ok(format!("{number} may leave the server: signed, or not in need of a signature"));
    }
}
