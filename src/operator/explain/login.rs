//! A login with user name and password, as `keybyauth` made it.
//!
//! Words the kinds of failure that a client must not tell apart. It never sees the password.

use joomla_password::Verdict;

use crate::methods::Decision;
use crate::service::site::OpenSite;
use crate::site::Settings;
use crate::store::{Account, StoreError, TwoFactor};

use super::people::as_received;
use super::step::{Step, StepOutcome};

/// Words the decisions of `keybyauth`; no step if it made none about a login.
pub(super) async fn steps(
    site: &OpenSite,
    username: &str,
    decisions: &[Decision],
) -> Result<Vec<Step>, StoreError> {
    let settings = &*site.view.settings;
    let mut account = None;
    let mut steps = Vec::new();
    for decision in decisions {
        match decision {
            Decision::PasswordUnseen => {
                let found = site.joomla.users_by_username(&as_received(username)).await?;
                steps.push(found.first().map_or_else(
                    || nobody(username),
                    |account| {
                        let title = "the passwords \"\" and \"0\" never log in";
                        Step::refused("password", title).with_all(about(settings, account))
                    },
                ));
            }
            Decision::Account(None) => steps.push(nobody(username)),
            Decision::Account(Some(found)) => account = Some(found),
            Decision::Password(verdict) => {
                let about = account.map(|account| about(settings, account));
                steps.push(password(*verdict).with_all(about.into_iter().flatten()));
            }
            Decision::SecondFactor { factor, enough } => {
                steps.push(second_factor(settings, *factor, *enough));
            }
            _ => {}
        }
    }
    Ok(steps)
}

fn nobody(username: &str) -> Step {
    Step::refused("login", format!("no account has the user name `{username}`"))
}

fn about(settings: &Settings, account: &Account) -> [String; 2] {
    [
        format!("logs in with the user name `{}` (id {})", account.user.username, account.user.id),
        match joomla_password::kind(account.password.as_bytes(), settings.rules) {
            Some(kind) => format!("its password is stored as {kind}"),
            None => "its stored password is not a hash that this Joomla knows".to_owned(),
        },
    ]
}

fn password(verdict: Verdict) -> Step {
    match verdict {
        Verdict::Right => Step::ok("password", "the password is right"),
        Verdict::Wrong => Step::refused("password", "the password is wrong"),
        Verdict::TooCostly => Step::refused(
            "password",
            "the stored hash is too costly to check: the login is refused",
        )
        .with("let the customer set a new password in Joomla"),
    }
}

fn second_factor(settings: &Settings, factor: TwoFactor, enough: bool) -> Step {
    match (factor, enough) {
        (TwoFactor::Off, _) => {
            Step::new("second factor", StepOutcome::Ok, "the account has no second factor")
        }
        (_, true) => Step::new(
            "second factor",
            StepOutcome::Ok,
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
    }
}
