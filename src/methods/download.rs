//! `download`: the package itself.

use std::error::Error as _;

use tokio::time::timeout;

use super::verify::may_download;
use super::{
    Answer, Arguments, Caller, Decision, DecisionLog, ErrorCode, NotOpened, Refusal, Release, code,
};
use crate::packages::{PackageError, PackageFile};
use crate::release::settings::Package;
use crate::site::{Settings, SiteView};

pub(super) async fn run<'a, L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a, L>,
) -> Result<Answer, Refusal> {
    let package = may_download(release, view, arguments, caller).await?;
    Ok(Answer::File(open(release, &view.settings, package, &mut caller.log).await?))
}

/// Opens the file of a package that the client may have.
pub(super) async fn open(
    release: &Release,
    settings: &Settings,
    package: &Package,
    log: &mut impl DecisionLog,
) -> Result<PackageFile, ErrorCode> {
    let (code, reason) = match try_open(release, settings, package).await {
        Ok(file) => {
            log.note(|| Decision::File(Ok(())));
            return Ok(file);
        }
        Err(NotOpened::NoPath(error)) => {
            tracing::warn!(package = package.id, %error, "the package's file cannot be served");
            (code::FILE_NOT_FOUND, NotOpened::NoPath(error))
        }
        Err(NotOpened::Failed(error)) => (refusal(&package.id, &error), NotOpened::Failed(error)),
        Err(NotOpened::Silent) => {
            tracing::error!(
                package = package.id,
                folder = %settings.folder_path.display(),
                limit = ?release.open_limit,
                "the package folder does not answer: check its file system"
            );
            (code::GENERIC_ERROR, NotOpened::Silent)
        }
    };
    log.note(|| Decision::File(Err(reason)));
    Err(code)
}

async fn try_open(
    release: &Release,
    settings: &Settings,
    package: &Package,
) -> Result<PackageFile, NotOpened> {
    let path = package.path.as_ref().map_err(|error| NotOpened::NoPath(error.clone()))?;
    let opened = timeout(release.open_limit, settings.folder.open_package(package, path)).await;
    opened.map_err(|_| NotOpened::Silent)?.map_err(NotOpened::Failed)
}

/// Tells the operator why, with the system's own words; the client learns only whether asking
/// again may help.
fn refusal(package: &str, error: &PackageError) -> ErrorCode {
    let cause = error.source().map_or_else(|| "-".to_owned(), ToString::to_string);
    if matches!(error, PackageError::Unsigned { .. }) {
        // The gate has logged it once for this file.
        tracing::debug!(package, %error, "the package is refused");
        code::FILE_NOT_FOUND
    } else if error.is_storage_failure() {
        tracing::error!(package, %error, cause, "the storage of the packages failed");
        code::GENERIC_ERROR
    } else {
        tracing::warn!(package, %error, cause, "the package's file cannot be served");
        code::FILE_NOT_FOUND
    }
}
