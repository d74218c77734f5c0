//! License keys and their parts: a person, a package group, a recipe.
//!
//! Used by the key ring, and by all code that names a person or a group. It does not hold the
//! recipes and seeds of a site.

use std::fmt;

use crate::told::{tells, told};
use license_recipe::{EvalError, Facts, Recipe, trimmed};
use secrecy::{ExposeSecret, SecretString};

/// A user as stored in Joomla's users table. `Debug` shows the id only.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    /// The user's id.
    pub user_id: i64,
    /// The human name.
    pub name: &'a str,
    /// The login name.
    pub username: &'a str,
    /// The e-mail as stored, not as sent.
    pub email: &'a str,
}

impl fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// A package group as the plugin's settings describe it. `Debug` does not show the seed.
#[derive(Clone, Copy)]
pub struct GroupSeed<'a> {
    /// The id of the package group.
    pub id: &'a str,
    /// Its seed (`hash` in the settings); may be empty.
    pub hash: &'a str,
    /// Its human name; may be empty.
    pub name: &'a str,
}

impl fmt::Debug for GroupSeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupSeed").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A license key that was made for someone. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct LicenseKey(SecretString);

impl LicenseKey {
    /// The key, for the answer or the mail.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.expose_secret()
    }

    /// The same as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl fmt::Debug for LicenseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LicenseKey(REDACTED)")
    }
}

/// Why no key can be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The recipe has no value for this user and group.
    Recipe(#[from] EvalError),
    /// The recipe gives no text, or only blanks.
    Empty,
    /// The key is no UTF-8 text, so neither JSON nor a mail can carry it.
    NotText,
    /// Anyone could compute the key of the default recipe.
    Guessable {
        /// The id of the package group.
        group: String,
    },
}

tells!(KeyError {
    Self::Recipe(it) => told!("the license recipe fails for this user: {it}"),
    Self::Empty => told!(
        "the license recipe gives an empty key for this user" =>
        "let it read `$email` or `$hash`"
    ),
    Self::NotText => told!(
        "the license recipe gives raw bytes" =>
        "wrap it in `bin2hex(…)` or `base64_encode(…)`"
    ),
    Self::Guessable { group } => told!(
        "package group `{group}` has no hash and the site no secret, so the default recipe would give \
         keys anyone can compute" =>
        "set a hash for the group"
    ),
});

/// The key a recipe makes of the facts.
pub(super) fn derive(recipe: &Recipe, facts: &Facts<'_>) -> Result<LicenseKey, KeyError> {
    let key = recipe.evaluate(facts)?;
    if trimmed(&key).is_empty() {
        return Err(KeyError::Empty);
    }
    let key = String::from_utf8(key).map_err(|_| KeyError::NotText)?;
    Ok(LicenseKey(key.into()))
}
