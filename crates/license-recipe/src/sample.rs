//! A known key with all known facts about its owner.
//!
//! `recipe test` and `recipe find` compare recipes with it. The caller brings the values; a value
//! that is not known is `None`, which is not the same as an empty one.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::{EvalError, Fact, Facts, Recipe, same, trimmed};

/// A known key. `Debug` shows its line only.
#[derive(Clone)]
pub struct Sample {
    /// The line it stands in, from 1; for messages.
    pub line: usize,
    /// The key.
    pub key: SecretString,
    /// The user's e-mail.
    pub email: String,
    /// The id of the package group.
    pub group: String,
    /// The user's login name.
    pub username: Option<String>,
    /// The user's human name.
    pub name: Option<String>,
    /// The user's id.
    pub user_id: Option<i64>,
    /// The human name of the package group.
    pub group_name: Option<String>,
    /// The seed of the package group.
    pub hash: Option<SecretString>,
    /// Joomla's `$secret`.
    pub secret: Option<SecretString>,
}

/// The result of a recipe for a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// Its key.
    Same,
    /// Another key.
    Other,
    /// No key: it reads a value that is not known.
    Unknown(Fact),
    /// No key: it fails for these values.
    Fails(EvalError),
}

impl Sample {
    /// A sample of which no more is known.
    #[must_use]
    pub fn new(line: usize, email: String, group: String, key: SecretString) -> Self {
        Self {
            line,
            key,
            email,
            group,
            username: None,
            name: None,
            user_id: None,
            group_name: None,
            hash: None,
            secret: None,
        }
    }

    /// The values for a recipe; unknown ones are empty.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            email: &self.email,
            username: self.username.as_deref().unwrap_or_default(),
            name: self.name.as_deref().unwrap_or_default(),
            user_id: self.user_id.unwrap_or_default(),
            group: &self.group,
            group_name: self.group_name.as_deref().unwrap_or_default(),
            hash: self.hash.as_ref().map_or("", ExposeSecret::expose_secret),
            secret: self.secret.as_ref().map_or("", ExposeSecret::expose_secret).as_bytes(),
        }
    }

    /// Whether a value is known, be it empty.
    #[must_use]
    pub fn knows(&self, fact: Fact) -> bool {
        match fact {
            Fact::Email | Fact::Group => true,
            Fact::Username => self.username.is_some(),
            Fact::Name => self.name.is_some(),
            Fact::UserId => self.user_id.is_some(),
            Fact::GroupName => self.group_name.is_some(),
            Fact::Hash => self.hash.is_some(),
            Fact::Secret => self.secret.is_some(),
        }
    }

    /// The key without blanks around it.
    pub(crate) fn key(&self) -> &str {
        // Only blanks of ASCII are removed, so the rest is text.
        std::str::from_utf8(trimmed(self.key.expose_secret().as_bytes())).unwrap_or_default()
    }

    /// Tries a recipe on it.
    #[must_use]
    pub fn fit(&self, recipe: &Recipe) -> Fit {
        let is_missing = |fact: &&Fact| recipe.reads(**fact) && !self.knows(**fact);
        if let Some(fact) = Fact::ALL.iter().find(is_missing) {
            return Fit::Unknown(*fact);
        }
        match recipe.evaluate(&self.facts()) {
            Err(error) => Fit::Fails(error),
            Ok(made) if bool::from(same(self.key().as_bytes(), &made)) => Fit::Same,
            Ok(_) => Fit::Other,
        }
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample").field("line", &self.line).finish_non_exhaustive()
    }
}
