//! `validate`: is this key good for this package group?

use super::{Answer, Arguments, Code, Release, code, holder};

pub(super) async fn run(release: &Release, arguments: &Arguments) -> Result<Answer, Code> {
    let snapshot = release.settings.current();
    let group = snapshot.group(arguments.id.required(code::GROUP_NOT_SPECIFIED)?)?;
    holder::admit(release, &snapshot, group, arguments).await?;
    Ok(Answer::Ok)
}
