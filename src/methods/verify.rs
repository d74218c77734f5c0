//! `verify`: is this key good for this package? Asked by clients before they download it.

use super::{Answer, Arguments, Caller, Refusal, Release, code, holder};
use crate::release::settings::Package;
use crate::site::SiteView;

pub(super) async fn run<'a>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<Answer, Refusal> {
    may_download(release, view, arguments, caller).await?;
    Ok(Answer::Ok)
}

/// The package, when the client may have it: a free one always, a paid one with a valid key.
pub(super) async fn may_download<'s, 'a>(
    release: &Release,
    view: &'s SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<&'s Package, Refusal> {
    let id = arguments.id.required(code::PACKAGE_NOT_SPECIFIED)?.text();
    let package = id.and_then(|id| view.settings.package(id)).ok_or(code::PACKAGE_NOT_FOUND)?;
    if let Some(id) = &package.group {
        // A package group that does not exist must never make its packages free.
        let group = view.settings.group(id).ok_or(code::GROUP_NOT_FOUND)?;
        holder::admit(release, view, group, arguments, caller).await?;
    }
    Ok(package)
}
