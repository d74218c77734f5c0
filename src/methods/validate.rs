//! `validate`: is this key good for this package group?

use super::{Answer, Arguments, Code, Release, code, holder};

pub(super) async fn run(release: &Release, arguments: &Arguments) -> Result<Answer, Code> {
    let snapshot = release.settings.current();
    let group = snapshot.group(arguments.id.required(code::GROUP_NOT_SPECIFIED)?)?;
    let email = arguments.email.required(code::EMAIL_NOT_SPECIFIED)?;
    let key = arguments.key.required(code::KEY_NOT_SPECIFIED)?;
    holder::check(release, &snapshot, group, email, key).await?;
    Ok(Answer::Ok)
}
