//! `verify`: is this key good for this package? Asked by clients before they download it.

use super::{Answer, Arguments, Caller, DecisionLog, Refusal, Release, code, find_package, holder};
use crate::release::settings::Package;
use crate::site::SiteView;

pub(super) async fn run<'a, L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a, L>,
) -> Result<Answer, Refusal> {
    may_download(release, view, arguments, caller).await?;
    Ok(Answer::Ok)
}

/// The package, when the client may have it: a free one always, a paid one with a valid key.
pub(super) async fn may_download<'s, 'a, L: DecisionLog>(
    release: &Release,
    view: &'s SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a, L>,
) -> Result<&'s Package, Refusal> {
    let id = arguments.id.required(code::PACKAGE_NOT_SPECIFIED)?;
    let (package, group) = find_package(&view.settings, id.text(), &mut caller.log)?;
    if let Some(group) = group {
        holder::admit(release, view, group, arguments, caller).await?;
    }
    Ok(package)
}
