//! `validate`: is this key good for this package group?

use super::{Answer, Arguments, Caller, Refusal, Release, code, group, holder};
use crate::site::SiteView;

pub(super) async fn run<'a>(
    release: &Release,
    view: &SiteView,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<Answer, Refusal> {
    let group = group(view, arguments.id.required(code::GROUP_NOT_SPECIFIED)?)?;
    holder::admit(release, view, group, arguments, caller).await?;
    Ok(Answer::Ok)
}
