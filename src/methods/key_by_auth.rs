//! `keybyauth`: answers with the license key, after a login with the Joomla password.

use joomla_password::Verdict;

use super::{
    Answer, Arguments, Caller, Decision, DecisionLog, DlidUser, Refusal, Release, Sent, code,
    find_group, holder,
};
use crate::site::SiteView;
use crate::store::{Account, User};

pub(super) async fn run<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    arguments: &Arguments,
    caller: &mut Caller<'_, L>,
) -> Result<Answer, Refusal> {
    let id = arguments.id.required(code::GROUP_NOT_SPECIFIED)?;
    let group = find_group(&view.settings, id.text(), &mut caller.log)?;
    let username = arguments.username.required(code::USERNAME_NOT_SPECIFIED)?;
    let password = arguments.password.required(code::PASSWORD_NOT_SPECIFIED)?;

    caller.try_login(username.text()).await?;
    let passwords = passwords(password.bytes(), arguments.password_as_sent.as_deref());
    let Some(user) = log_in(release, view, username, passwords, caller).await? else {
        caller.login_failed();
        return Err(code::LOGIN_FAILED.into());
    };
    holder::may_have(release, &view.settings, &user, group)?;
    let key = release.keys.issue(&holder::person(&user), &crate::site::settings::seed(group));
    let key = key.map_err(|error| {
        tracing::error!(group = group.id, %error, "no license key can be made");
        code::GENERIC_ERROR
    })?;
    let dlid = DlidUser::new(user.id).filter(|_| release.dlid_in_json);
    Ok(Answer::Key { email: user.email, key, dlid })
}

/// The account that name and password open.
async fn log_in<L: DecisionLog>(
    release: &Release,
    view: &SiteView,
    username: Sent<'_>,
    passwords: Vec<Vec<u8>>,
    caller: &mut Caller<'_, L>,
) -> Result<Option<User>, Refusal> {
    if passwords.is_empty() {
        caller.log.note(|| Decision::PasswordUnseen);
        return Ok(None);
    }
    let account = find(view, username.text()).await?;
    caller.log.note(|| Decision::Account(account.clone()));
    if let Some(account) = &account {
        caller.is_about(&account.user);
    }
    caller.account_found(account.as_ref().map(|account| account.user.id)).await?;
    let stored = account.as_ref().map(|account| account.password.clone());
    let verdict =
        release.verifier.verify(passwords, stored, view.settings.rules).await.map_err(|_| {
            tracing::warn!("too many logins at once: one is turned away with REL_RLE");
            caller.queue_is_full()
        })?;
    let Some(account) = account else { return Ok(None) };
    caller.log.note(|| Decision::Password(verdict));
    let factor = account.two_factor;
    let enough = release.password_is_enough(&view.settings, factor);
    caller.log.note(|| Decision::SecondFactor { factor, enough });
    Ok((verdict == Verdict::Right && enough).then_some(account.user))
}

/// Returns the passwords to check: the password after the filter, and as it was sent if that
/// differs; none if Joomla's login would refuse it without a check.
fn passwords(filtered: Option<&[u8]>, as_sent: Option<&[u8]>) -> Vec<Vec<u8>> {
    let mut passwords: Vec<Vec<u8>> = Vec::with_capacity(2);
    for password in [filtered, as_sent].into_iter().flatten() {
        let known = passwords.iter().any(|other| other == password);
        if !known && !joomla_password::is_refused_unseen(password) {
            passwords.push(password.to_vec());
        }
    }
    passwords
}

/// Finds the first candidate only: one password is never tried on several accounts.
async fn find(view: &SiteView, username: Option<&str>) -> Result<Option<Account>, Refusal> {
    let Some(username) = username else { return Ok(None) };
    Ok(view.store.users_by_username(username).await?.into_iter().next())
}
