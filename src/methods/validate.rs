//! `validate`: is this key good for this package group?

use super::{Answer, Arguments, Caller, DecisionLog, Refusal, Release, code, find_group, holder};
use crate::site::SiteView;

pub(super) async fn run<'a, L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a, L>,
) -> Result<Answer, Refusal> {
    let id = arguments.id.required(code::GROUP_NOT_SPECIFIED)?;
    let group = find_group(&view.settings, id.text(), &mut caller.log)?;
    holder::admit(release, view, group, arguments, caller).await?;
    Ok(Answer::Ok)
}
