//! The license key: compares the given one with the expected one.
//!
//! The judgement is a method's ([`Judged`]); if it is a refusal, the usual reasons are tried one by
//! one. They are only advice: they grant no access.

use php_compat::string_filter;

use crate::methods::{Judged, Release, person};
use crate::release::license::{KeyError, LicenseKey, Person};
use crate::release::settings::PackageGroup;
use crate::site::Settings;
use crate::site::settings::{seed, unix_now};
use crate::store::User;

use super::masked::masked;
use super::people::People;
use super::step::{Step, StepOutcome};

/// The data for judging keys.
pub(super) struct KeyAdvice<'s> {
    release: &'s Release,
    settings: &'s Settings,
    group: &'s PackageGroup,
    /// The accounts of the e-mail.
    candidates: &'s [User],
    /// The e-mail as it is sent.
    email: &'s str,
    /// Unix time, in seconds.
    now: i64,
}

impl<'s> KeyAdvice<'s> {
    pub(super) fn new(
        release: &'s Release,
        settings: &'s Settings,
        group: &'s PackageGroup,
        people: &'s People,
    ) -> Self {
        Self {
            release,
            settings,
            group,
            candidates: &people.candidates,
            email: &people.email,
            now: unix_now(),
        }
    }

    /// The key the service would issue to an account.
    fn own(&self, user: &User) -> Result<LicenseKey, KeyError> {
        self.release.keys.issue(&person(user), &seed(self.group))
    }

    /// Whether a key, as it was sent, is a key of this account.
    fn accepts(&self, sent: &str, user: &User) -> bool {
        let received = string_filter::clean(sent.as_bytes());
        self.release.keys.accepts(&received, &person(user), &seed(self.group), self.now)
    }

    /// The step for one account; `given` is a key as it was sent.
    pub(super) fn step(&self, user: &User, given: Option<&str>, judged: &Judged) -> Step {
        let own = self.own(user);
        let expected = match &own {
            Ok(key) => format!("expected: {}, made by `recipe`", masked(key.as_str())),
            Err(error) => error.to_string(),
        };
        let Some(given) = given else {
            return match own {
                Ok(_) if judged.standing.is_ok() => {
                    let title = "no key was given to look at; the right one would be accepted";
                    Step::ok("key", title).with(expected)
                }
                Ok(_) => {
                    let title = "no key was given to look at; this account's opens nothing now";
                    Step::new("key", StepOutcome::Info, title).with(expected)
                }
                Err(_) => Step::refused("key", "no license key can be made").with(expected),
            };
        };
        let blanks = if given.trim() == given { "" } else { ", and blanks, which do not count" };
        let shown = format!("given: {}{blanks}", masked(given.trim()));
        if let Some(by) = judged.accepted {
            let step = Step::ok("key", format!("the key is good: accepted by {by}")).with(shown);
            return match own {
                Ok(key) if key.as_bytes() == given.trim().as_bytes() => step,
                Ok(_) => step
                    .with(expected)
                    .with("both are accepted; new keys are made by `recipe` with the current hash"),
                Err(_) => step.with(expected),
            };
        }
        Step::refused("key", "the key is not the one of this account and package group")
            .with(shown)
            .with(expected)
            .with_all(self.reasons(given, user))
    }

    /// Returns other possible meanings of the key.
    fn reasons(&self, given: &str, user: &User) -> Vec<String> {
        let received = string_filter::clean(given.as_bytes());
        let received = String::from_utf8_lossy(&received).into_owned();
        let trimmed = received.trim();
        if trimmed.is_empty() {
            return vec!["the key is empty".to_owned()];
        }
        let mut reasons: Vec<String> = [
            self.of_another_group(trimmed),
            self.of_another_account(trimmed, user),
            self.has_ended(trimmed, user),
            self.of_another_spelling(trimmed, user),
            self.own(user).ok().and_then(|own| damage(trimmed, own.as_str())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if received != given {
            reasons.push(
                "Joomla's filter removes tags and decodes entities: the service sees another key"
                    .to_owned(),
            );
        }
        if reasons.is_empty() {
            reasons.push(
                "it is no key of this e-mail for any package group here: was it issued before the \
                 e-mail, the hash or the formula was changed, or for another e-mail?"
                    .to_owned(),
            );
        }
        reasons
    }

    fn of_another_group(&self, key: &str) -> Option<String> {
        let groups = self.settings.catalog.groups();
        let mut others = groups.iter().filter(|other| other.id != self.group.id);
        others.find_map(|other| {
            let fits = |user: &&User| {
                self.release.keys.accepts(key.as_bytes(), &person(user), &seed(other), self.now)
            };
            let owner = self.candidates.iter().find(fits)?;
            let whose = if self.candidates.len() > 1 {
                format!(", account {}", owner.id)
            } else {
                String::new()
            };
            Some(format!("it is the key of another package group: `{}`{whose}", other.id))
        })
    }

    fn of_another_account(&self, key: &str, user: &User) -> Option<String> {
        let mut others = self.candidates.iter().filter(|other| other.id != user.id);
        let owner = others.find(|other| self.accepts(key, other))?;
        Some(format!("it is the key of the account with the id {}", owner.id))
    }

    /// Checks for an old hash whose end date has passed.
    fn has_ended(&self, key: &str, user: &User) -> Option<String> {
        let (person, seed) = (person(user), seed(self.group));
        let by = self.release.keys.accepted_as(key.as_bytes(), &person, &seed, i64::MIN)?;
        Some(format!("it was accepted by {by} until that hash's end date (`until`)"))
    }

    /// A key made from the e-mail as the customer writes it, not as it is stored.
    fn of_another_spelling(&self, key: &str, user: &User) -> Option<String> {
        let stored = &user.email;
        let spellings = [
            self.email.to_owned(),
            self.email.trim().to_owned(),
            stored.to_lowercase(),
            stored.to_uppercase(),
        ];
        let fits = |spelling: &&String| {
            let other = Person { email: spelling.as_str(), ..person(user) };
            *spelling != stored
                && self.release.keys.accepts(key.as_bytes(), &other, &seed(self.group), self.now)
        };
        let spelling = spellings.iter().find(fits)?;
        Some(format!(
            "it is the key for the e-mail spelt `{spelling}`; the account has `{stored}`, and keys \
             are made from the stored spelling"
        ))
    }
}

/// How a key that was copied badly differs from the right one.
fn damage(given: &str, right: &str) -> Option<String> {
    const SURELY: usize = 6;
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    if given.eq_ignore_ascii_case(right) {
        return Some(
            "it differs in upper and lower case only: keys must match to the letter".into(),
        );
    }
    if plain(given).eq_ignore_ascii_case(&plain(right)) {
        return Some(
            "it is the right key with blanks or other signs in it, or without its own".into(),
        );
    }
    if given.chars().count() >= SURELY && right.contains(given) {
        return Some("it is a part of the right key: the rest was not copied".into());
    }
    if right.chars().count() >= SURELY && given.contains(right) {
        return Some("it holds the right key and more: only the key itself must be sent".into());
    }
    None
}
