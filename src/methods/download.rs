//! `download`: the package itself.

use super::verify::may_download;
use super::{Answer, Arguments, Code, Release, code};

pub(super) async fn run(release: &Release, arguments: &Arguments) -> Result<Answer, Code> {
    let snapshot = release.settings.current();
    let package = may_download(release, &snapshot, arguments).await?;
    let path = package.path.as_ref().map_err(|_| {
        tracing::warn!(package = package.id, "the package's path in the settings is not usable");
        code::FILE_NOT_FOUND
    })?;
    match snapshot.folder.open(path).await {
        Ok(file) => Ok(Answer::File(file)),
        Err(error) => {
            tracing::warn!(package = package.id, %error, "the package's file cannot be served");
            Err(code::FILE_NOT_FOUND)
        }
    }
}
