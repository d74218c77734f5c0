//! `download`: the package itself.

use std::error::Error as _;

use tokio::time::timeout;

use super::verify::may_download;
use super::{Answer, Arguments, Caller, Code, Refusal, Release, code};
use crate::packages::PackageError;
use crate::site::SiteView;

pub(super) async fn run<'a>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<Answer, Refusal> {
    let package = may_download(release, view, arguments, caller).await?;
    let path = package.path.as_ref().map_err(|error| {
        tracing::warn!(package = package.id, %error, "the package's file cannot be served");
        code::FILE_NOT_FOUND
    })?;
    match timeout(release.open_limit, view.settings.folder.open(path)).await {
        Ok(Ok(file)) => Ok(Answer::File(file)),
        Ok(Err(error)) => Err(refusal(&package.id, &error).into()),
        Err(_) => {
            tracing::error!(
                package = package.id,
                folder = %view.settings.folder_path.display(),
                limit = ?release.open_limit,
                "the package folder does not answer: check its file system"
            );
            Err(code::GENERIC_ERROR.into())
        }
    }
}

/// Tells the operator why, with the system's own words; the client learns only whether asking
/// again may help.
fn refusal(package: &str, error: &PackageError) -> Code {
    let cause = error.source().map_or_else(|| "-".to_owned(), ToString::to_string);
    if error.is_storage_failure() {
        tracing::error!(package, %error, cause, "the storage of the packages failed");
        code::GENERIC_ERROR
    } else {
        tracing::warn!(package, %error, cause, "the package's file cannot be served");
        code::FILE_NOT_FOUND
    }
}
