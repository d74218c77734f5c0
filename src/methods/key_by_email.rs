//! `keybyemail`: mails the license key to the address of the account.

use std::sync::Arc;

use super::even_time::EvenTime;
use super::{
    Answer, Arguments, Caller, DecisionLog, DlidUser, ErrorCode, Refusal, Release, Sent, code,
    find_group, holder,
};
use crate::limits::MailPlace;
use crate::mail::{KeyLetter, Letters, Mail, Mailer};
use crate::release::license::KeyRing;
use crate::release::settings::PackageGroup;
use crate::site::SiteView;
use crate::site::settings::{seed, unix_now};
use crate::store::User;
use crate::supervise::Task;

pub(super) async fn run<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &Arguments,
    caller: &mut Caller<'_, L>,
) -> Result<Answer, Refusal> {
    let even_time = EvenTime::start();
    let letter = letter(release, view, arguments, caller).await?;
    if release.policy.uniform {
        // The answer, and its time, are the same for accounts that exist and accounts that do not.
        if let Ok(letter) = letter {
            send_later(release, letter, caller);
        }
        even_time.wait().await;
        return Ok(Answer::Ok);
    }
    let letter = letter?;
    let place = caller.limits.take_mail(letter.user.id).await?;
    letter.send(place).await?;
    Ok(Answer::Ok)
}

/// Everything but the sending.
pub(super) async fn rehearse<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &Arguments,
    caller: &mut Caller<'_, L>,
) -> Result<Answer, Refusal> {
    let letter = letter(release, view, arguments, caller).await?;
    match letter.and_then(|letter| letter.write()) {
        Err(refusal) if !release.policy.uniform => Err(refusal.into()),
        _ => Ok(Answer::Ok),
    }
}

/// The letter to send, or why there is none: a refusal that uniform answers do not tell.
async fn letter<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &Arguments,
    caller: &mut Caller<'_, L>,
) -> Result<Result<Letter, ErrorCode>, Refusal> {
    let id = arguments.id.required(code::GROUP_NOT_SPECIFIED)?;
    let group = find_group(&view.settings, id.text(), &mut caller.log)?;
    let email = arguments.email.required(code::EMAIL_NOT_SPECIFIED)?;

    caller.try_mail_request(email.text()).await?;
    let users = addressees(view, email).await?;
    let standing = |user: &User| holder::may_have(release, &view.settings, user, group);
    let refusal = users.first().and_then(|user| standing(user).err());
    let chosen = users.iter().find(|user| standing(user).is_ok()).cloned();
    if let Some(user) = chosen.as_ref().or(users.first()) {
        caller.is_about(user);
    }
    let letter = chosen.map(|user| Letter::new(release, user, group));
    // Under uniform answers every request counts: a budget that only some of them spend would tell
    // which.
    if letter.is_none() || release.policy.uniform {
        caller.limits.address_failed(caller.from).await;
    }
    Ok(letter.ok_or(refusal.unwrap_or(code::USER_NOT_FOUND)))
}

/// Finds the accounts of an e-mail, only in the database itself: no mail is sent on the word of a
/// snapshot. While a snapshot answers, every client is told to try again, with or without an
/// account.
async fn addressees(view: &SiteView, email: Sent<'_>) -> Result<Vec<User>, Refusal> {
    if view.copy_age().is_some() {
        return Err(code::MAIL_FAILED.into());
    }
    match email.text() {
        Some(email) => Ok(view.store.users_by_email(email).await?),
        None => Ok(Vec::new()),
    }
}

/// A key to be made, written down and sent; it needs the request no longer.
struct Letter {
    user: User,
    group: PackageGroup,
    site_name: String,
    keys: Arc<KeyRing>,
    letters: Arc<Letters>,
    mailer: Arc<dyn Mailer>,
}

impl Letter {
    fn new(release: &Release, user: User, group: &PackageGroup) -> Self {
        Self {
            user,
            group: group.clone(),
            site_name: release.site_name.clone(),
            keys: Arc::clone(&release.keys),
            letters: Arc::clone(&release.letters),
            mailer: Arc::clone(&release.mailer),
        }
    }

    /// Sends it in the place of a mail to the account, which a mail that fails does not spend.
    async fn send(&self, place: MailPlace) -> Result<(), ErrorCode> {
        let sent = self.hand_over().await;
        if sent.is_err() {
            place.give_back();
        }
        sent
    }

    async fn hand_over(&self) -> Result<(), ErrorCode> {
        let mail = self.write()?;
        self.mailer.send(&mail).await.map_err(|error| {
            tracing::error!(%error, "the mail with a license key was not sent");
            code::MAIL_FAILED
        })
    }

    /// Returns the user whose one-field key the mail shows. `None` if anyone could compute keys: ids
    /// are easier to count up than e-mails, and the mail should not reveal that they suffice.
    fn dlid_user(&self) -> Option<DlidUser> {
        let guessable = self.keys.guessable(&seed(&self.group), unix_now());
        DlidUser::new(self.user.id).filter(|_| guessable.is_empty())
    }

    /// The mail goes to the address as stored: the one in the request may be a look-alike.
    fn write(&self) -> Result<Mail, ErrorCode> {
        let Self { user, group, .. } = self;
        let key = self.keys.issue(&holder::person(user), &seed(group)).map_err(|error| {
            tracing::error!(group = group.id, %error, "no license key can be made");
            code::GENERIC_ERROR
        })?;
        let dlid = self.dlid_user().map(|user| user.typed_with(key.as_str())).unwrap_or_default();
        let letter = KeyLetter {
            site_name: &self.site_name,
            user_name: &user.name,
            email: &user.email,
            package_group_name: group.title(),
            key: key.as_str(),
            dlid: &dlid,
        };
        let rendered = self.letters.render(&letter).map_err(|error| {
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
}

/// Sends without letting the client wait: how long it takes would tell who has an account.
fn send_later<L>(release: &Release, letter: Letter, caller: &Caller<'_, L>) {
    match Arc::clone(&release.mails_waiting).try_acquire_owned() {
        Err(_) => tracing::error!("too many mails are waiting: one with a license key is dropped"),
        Ok(place) => {
            let limits = caller.limits.clone();
            let tasks = release.tasks.clone();
            let sending = async move {
                if let Ok(mail_place) = limits.take_mail(letter.user.id).await {
                    // The failure is logged already, and no request waits for the result.
                    let _ = letter.send(mail_place).await;
                } else {
                    tracing::warn!(
                        account = letter.user.id,
                        "an account asks for too many mails with its key: one is not sent"
                    );
                }
                drop(place);
            };
            // One that panics may be on its way already: it is not sent twice.
            tokio::spawn(async move { drop(tasks.once(Task::Mail, sending).await) });
        }
    }
}
