//! The accounts that an e-mail or a user name stands for.
//!
//! Looks them up as the service does: the methods use e-mails, only `keybyauth` uses user names. It
//! does not judge accounts.

use std::collections::BTreeMap;

use php_compat::string_filter;

use crate::store::{Joomla, StoreError, User};

use super::step::Step;

/// The accounts, and the name a client would send for them.
pub(super) struct People {
    /// As it was asked.
    asked: String,
    found_by: FoundBy,
    /// The e-mail a client sends.
    pub(super) email: String,
    /// The accounts that e-mail stands for, best first.
    pub(super) candidates: Vec<User>,
    /// The account in question, if a user name identifies it.
    pub(super) named: Option<i64>,
    /// An account that has the e-mail asked about for its user name, and is another one.
    namesake: Option<User>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FoundBy {
    Email,
    Username,
    Nothing,
}

impl People {
    /// Finds them: by e-mail first if there is an `@`, else by user name first.
    pub(super) async fn find(joomla: &dyn Joomla, asked: &str) -> Result<Self, StoreError> {
        let received = as_received(asked);
        let by_email = joomla.users_by_email(&received).await?;
        let by_username = joomla.users_by_username(&received).await?;
        let email_first = asked.contains('@');
        let found_by = match (by_email.is_empty(), by_username.is_empty()) {
            (true, true) => FoundBy::Nothing,
            (false, nobody) if nobody || email_first => FoundBy::Email,
            _ => FoundBy::Username,
        };
        let mut by_username = by_username.into_iter();
        let account = by_username.next();
        if found_by == FoundBy::Username
            && let Some(login) = account
        {
            let email = login.user.email.clone();
            let candidates = joomla.users_by_email(&as_received(&email)).await?;
            return Ok(Self {
                asked: asked.to_owned(),
                found_by,
                email,
                candidates,
                named: Some(login.user.id),
                namesake: None,
            });
        }
        let others = |user: &User| by_email.iter().all(|candidate| candidate.id != user.id);
        let namesake = account.map(|account| account.user).filter(others);
        Ok(Self {
            asked: asked.to_owned(),
            found_by,
            email: asked.to_owned(),
            candidates: by_email,
            named: None,
            namesake,
        })
    }

    /// The account that the answer is mostly about: the one named, else the first that may have it,
    /// else the first.
    pub(super) fn chosen(&self, may_have: impl Fn(&User) -> bool) -> Option<&User> {
        let is_named = |user: &&User| Some(user.id) == self.named;
        let all = &self.candidates;
        all.iter()
            .find(is_named)
            .or_else(|| all.iter().find(|user| may_have(user)))
            .or_else(|| all.first())
    }

    /// The user name to log in with: as it was asked, or the chosen account's.
    pub(super) fn username<'p>(&'p self, chosen: Option<&'p User>) -> &'p str {
        match (self.found_by, chosen) {
            (FoundBy::Email, Some(user)) => &user.username,
            _ => &self.asked,
        }
    }

    /// A candidate, in one line.
    fn line(&self, user: &User) -> String {
        let User { id, username, email, .. } = user;
        let matched = matched(email, &as_received(&self.email));
        format!("id {id}, user name `{username}`, e-mail `{email}`: {matched}")
    }

    /// The step that shows who was found.
    pub(super) fn step(&self) -> Step {
        let asked = &self.asked;
        let step = match (self.found_by, self.candidates.as_slice()) {
            (FoundBy::Nothing, _) => Step::refused(
                "account",
                format!("no account has the e-mail or user name `{asked}`"),
            )
            .with(
                "compared as the site's database compares: on MySQL and MariaDB upper and \
                           lower case, accents and blanks at the end do not count",
            )
            .with("look into Joomla's user manager: the customer may have another e-mail there"),
            (FoundBy::Username, []) => Step::refused(
                "account",
                format!("`{asked}` is a user name, but its own e-mail finds no account"),
            )
            .with(format!("the stored e-mail is `{}`: correct it in Joomla", self.email)),
            (FoundBy::Email, [_]) => Step::ok("account", "one account has this e-mail"),
            (FoundBy::Email, all) => {
                Step::ok("account", format!("{} accounts have this e-mail", all.len()))
            }
            (FoundBy::Username, [_]) => {
                Step::ok("account", format!("`{asked}` is the user name of one account"))
                    .with(format!("clients ask with its e-mail, `{}`", self.email))
            }
            (FoundBy::Username, all) => Step::ok(
                "account",
                format!("`{asked}` is a user name; {} accounts have its e-mail", all.len()),
            )
            .with(format!("clients ask with that e-mail, `{}`", self.email)),
        };
        let several = self.candidates.len() > 1;
        let lines = self.candidates.iter().map(|user| self.line(user));
        let mut step = step.with_all(lines);
        if several {
            step = step.with(
                "a key opens the package when it is the own one of an account that is enabled and \
                 authorised; else the first account's refusal is the answer",
            );
        }
        if let Some(other) = &self.namesake {
            step = step.with(format!(
                "`{asked}` is also the user name of another account, id {}: ask for its e-mail \
                 `{}` to see that one",
                other.id, other.email
            ));
        }
        let received = as_received(asked);
        if received != *asked {
            step = step.with(format!(
                "Joomla's filter removes tags and decodes entities: the service sees `{received}`"
            ));
        }
        step
    }
}

/// A value as the service sees it.
pub(super) fn as_received(value: &str) -> String {
    String::from_utf8_lossy(&string_filter::clean(value.as_bytes())).into_owned()
}

/// How a stored e-mail and the one that was sent are alike.
fn matched(stored: &str, sent: &str) -> &'static str {
    if stored == sent {
        "exactly this e-mail"
    } else if stored.eq_ignore_ascii_case(sent) {
        "the same but for upper and lower case; keys are made from the stored spelling"
    } else if stored.eq_ignore_ascii_case(&sent.replace(' ', "+")) {
        "the same with `+` for the blank; Joomla's updater sends it so"
    } else {
        "the same for the site's database only; keys are made from the stored spelling"
    }
}

/// The names of the site's user groups.
#[derive(Default)]
pub(super) struct GroupNames(BTreeMap<u32, String>);

impl GroupNames {
    /// Reads the names; leaves them out if the account may not read them: ids are enough.
    pub(super) async fn read(joomla: &dyn Joomla) -> Self {
        Self(joomla.group_titles().await.unwrap_or_default())
    }

    /// `12 "ReDJ"`.
    pub(super) fn of(&self, id: u32) -> String {
        match self.0.get(&id) {
            None => id.to_string(),
            Some(title) => format!("{id} \"{title}\""),
        }
    }

    /// `11 "Other" or 12 "ReDJ"`.
    pub(super) fn or(&self, ids: &[u32]) -> String {
        let names: Vec<_> = ids.iter().map(|id| self.of(*id)).collect();
        names.join(" or ")
    }

    /// `2 "Registered", 12 "ReDJ"`.
    pub(super) fn and(&self, ids: &[u32]) -> String {
        let names: Vec<_> = ids.iter().map(|id| self.of(*id)).collect();
        names.join(", ")
    }

    /// Whether the names could be read and this is no group's id.
    pub(super) fn lack(&self, id: u32) -> bool {
        !self.0.is_empty() && !self.0.contains_key(&id)
    }
}
