//! `verify`: is this key good for this package? Asked by clients before they download it.

use super::settings::Snapshot;
use super::{Answer, Arguments, Caller, Refusal, Release, code, holder};
use crate::release::settings::Package;

pub(super) async fn run<'a>(
    release: &Release,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<Answer, Refusal> {
    let snapshot = release.settings.current();
    may_download(release, &snapshot, arguments, caller).await?;
    Ok(Answer::Ok)
}

/// The package, when the client may have it: a free one always, a paid one with a valid key.
pub(super) async fn may_download<'s, 'a>(
    release: &Release,
    snapshot: &'s Snapshot,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<&'s Package, Refusal> {
    let package = snapshot.package(arguments.id.required(code::PACKAGE_NOT_SPECIFIED)?)?;
    if let Some(id) = &package.group {
        // A package group that does not exist must never make its packages free.
        let group = snapshot.group_by_id(id)?;
        holder::admit(release, snapshot, group, arguments, caller).await?;
    }
    Ok(package)
}
