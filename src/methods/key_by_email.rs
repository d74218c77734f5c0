//! `keybyemail`: mails the license key to the address of the account.

use std::sync::Arc;

use super::{Answer, Arguments, Code, Release, code, holder};
use crate::joomla::User;
use crate::license::LicenseKey;
use crate::mail::{KeyLetter, Mail, Mailer};
use crate::release::settings::PackageGroup;

pub(super) async fn run(release: &Release, arguments: &Arguments) -> Result<Answer, Code> {
    let Some(mail) = prepare(release, arguments).await? else { return Ok(Answer::Ok) };
    if release.policy.uniform {
        send_later(release, mail);
        return Ok(Answer::Ok);
    }
    send(&*release.mailer, &mail).await?;
    Ok(Answer::Ok)
}

/// Everything but the sending.
pub(super) async fn rehearse(release: &Release, arguments: &Arguments) -> Result<Answer, Code> {
    prepare(release, arguments).await.map(|_| Answer::Ok)
}

/// The mail to send; `None` where the client shall not learn that there is none.
async fn prepare(release: &Release, arguments: &Arguments) -> Result<Option<Mail>, Code> {
    let snapshot = release.settings.current();
    let group = snapshot.group(arguments.id.required(code::GROUP_NOT_SPECIFIED)?)?;
    let email = arguments.email.required(code::EMAIL_NOT_SPECIFIED)?;

    let users = holder::candidates(release, email).await?;
    let standing = |user: &User| holder::may_have(release, &snapshot, user, group);
    let chosen = users.iter().find(|user| standing(user).is_ok());
    let Some(user) = chosen else {
        let refusal = users.first().and_then(|user| standing(user).err());
        return match refusal.unwrap_or(code::USER_NOT_FOUND) {
            _ if release.policy.uniform => Ok(None),
            refusal => Err(refusal),
        };
    };
    let key = release.keys.issue(&holder::person(user), &holder::seed(group)).map_err(|error| {
        tracing::error!(group = group.id, %error, "no license key can be made");
        code::GENERIC_ERROR
    })?;
    letter(release, group, user, &key).map(Some)
}

/// The mail goes to the address as stored: the one in the request may be a look-alike.
fn letter(
    release: &Release,
    group: &PackageGroup,
    user: &User,
    key: &LicenseKey,
) -> Result<Mail, Code> {
    let letter = KeyLetter {
        site_name: &release.site_name,
        user_name: &user.name,
        email: &user.email,
        package_group_name: &group.name,
        key: key.as_str(),
    };
    let rendered = release.letters.render(&letter).map_err(|error| {
        tracing::error!(%error, "the letter cannot be written");
        code::MAIL_FAILED
    })?;
    Ok(Mail {
        to_name: user.name.clone(),
        to_email: user.email.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    })
}

async fn send(mailer: &dyn Mailer, mail: &Mail) -> Result<(), Code> {
    mailer.send(mail).await.map_err(|error| {
        tracing::error!(%error, "the mail with a license key was not sent");
        code::MAIL_FAILED
    })
}

/// Sends without letting the client wait: how long it takes would tell who has an account.
fn send_later(release: &Release, mail: Mail) {
    match Arc::clone(&release.mails_waiting).try_acquire_owned() {
        Err(_) => tracing::error!("too many mails are waiting: one with a license key is dropped"),
        Ok(place) => {
            let mailer = Arc::clone(&release.mailer);
            tokio::spawn(async move {
                // The failure is in the log already; nobody waits for the answer.
                let _ = send(&*mailer, &mail).await;
                drop(place);
            });
        }
    }
}
