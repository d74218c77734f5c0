//! A login with user name and password, as `keybyauth` makes it.
//!
//! The password is looked at once more, to tell the kinds of failure apart that a client must not;
//! it is never shown.

use joomla_password::{Caps, Verdict};
use php_compat::string_filter;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use crate::app::site::Site;
use crate::joomla::{Account, StoreError, TwoFactor};
use crate::methods::{Release, passwords};
use crate::site::Settings;

use super::people::as_received;
use super::step::{Outcome, Step};

/// The account that logs in, and whether it does.
pub(super) struct Login {
    pub(super) account: Option<Account>,
    pub(super) succeeds: bool,
    pub(super) steps: Vec<Step>,
}

impl Login {
    /// Tries it.
    pub(super) async fn with(
        site: &Site,
        username: &str,
        password: &SecretString,
    ) -> Result<Self, StoreError> {
        let (release, settings) = (&*site.release, &*site.view.settings);
        // The first candidate alone, as the service: one password is never tried on several.
        let found = site.joomla.users_by_username(&as_received(username)).await?;
        let Some(account) = found.into_iter().next() else {
            let step = Step::refused("login", format!("nobody has the user name `{username}`"));
            return Ok(Self { account: None, succeeds: false, steps: vec![step] });
        };
        let sent = password.expose_secret().as_bytes();
        let tried = passwords(Some(&string_filter::clean(sent)), Some(sent));
        let (first, right) = check(settings, &account, tried).await;
        let (second, enough) = second_factor(release, settings, account.two_factor);
        let (account, succeeds) = (Some(account), right && enough);
        Ok(Self { account, succeeds, steps: vec![first, second] })
    }
}

async fn check(settings: &Settings, account: &Account, tried: Vec<Vec<u8>>) -> (Step, bool) {
    let (rules, stored) = (settings.rules, account.password.clone());
    let about = [
        format!("logs in with the user name `{}` (id {})", account.user.username, account.user.id),
        match joomla_password::kind(stored.as_bytes(), rules) {
            Some(kind) => format!("its password is stored as {kind}"),
            None => "what is stored as its password is no hash that this Joomla knows".to_owned(),
        },
    ];
    if tried.is_empty() {
        let step = Step::refused("password", "the passwords \"\" and \"0\" never log in");
        return (step.with_all(about), false);
    }
    let verdicts = spawn_blocking(move || {
        let verify = |one: &Vec<u8>| {
            joomla_password::verify(one, stored.as_bytes(), rules, &Caps::default())
        };
        tried.iter().map(verify).collect::<Vec<_>>()
    });
    let verdicts = verdicts.await.unwrap_or_default();
    let right = verdicts.contains(&Verdict::Right);
    let step = if right {
        Step::ok("password", "the password is right")
    } else if verdicts.contains(&Verdict::TooCostly) {
        Step::refused("password", "the stored hash is too costly to check: the login is refused")
            .with("let the customer set a new password in Joomla")
    } else {
        Step::refused("password", "the password is wrong")
    };
    (step.with_all(about), right)
}

fn second_factor(release: &Release, settings: &Settings, factor: TwoFactor) -> (Step, bool) {
    let enough = release.password_is_enough(settings, factor);
    let step = match (factor, enough) {
        (TwoFactor::Off, _) => {
            Step::new("second factor", Outcome::Ok, "the account has no second factor")
        }
        (_, true) => Step::new(
            "second factor",
            Outcome::Ok,
            "the account has a second factor, and Joomla's login itself does not ask for it",
        )
        .with("`two_factor = \"refuse\"` in `[release]` would refuse such accounts"),
        (TwoFactor::AtLogin, false) if settings.second_factor_at_login => Step::refused(
            "second factor",
            "the account has a second factor: a password alone does not log in",
        )
        .with("let the customer ask for the key by e-mail (`keybyemail`)"),
        (_, false) => Step::refused(
            "second factor",
            "the account has a second factor, which `two_factor = \"refuse\"` refuses",
        )
        .with("let the customer ask for the key by e-mail (`keybyemail`)"),
    };
    (step, enough)
}
