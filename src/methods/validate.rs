//! `validate`: is this key good for this package group?

use super::{Answer, Arguments, Caller, Refusal, Release, code, holder};

pub(super) async fn run<'a>(
    release: &Release,
    arguments: &'a Arguments,
    caller: &mut Caller<'a>,
) -> Result<Answer, Refusal> {
    let snapshot = release.settings.current();
    let group = snapshot.group(arguments.id.required(code::GROUP_NOT_SPECIFIED)?)?;
    holder::admit(release, &snapshot, group, arguments, caller).await?;
    Ok(Answer::Ok)
}
