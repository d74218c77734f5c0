//! The rules of the configuration: the extensions that need a signature, and their keys.
//!
//! Made by `service::plan` from `[[signing]]`. The scope is by extension: a package group stands in
//! the plugin's lines, which each administrator of Joomla can write.

use std::fmt;

use joomla_updates::extension::Extension;
use minisign_verify::PublicKey;

use crate::told::{Told, told};

/// A public key of minisign.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(pub(super) PublicKey);

impl SigningKey {
    /// Reads a key as the last line of `minisign.pub` has it.
    ///
    /// # Errors
    /// A text that is not one.
    pub fn parse(text: &str) -> Result<Self, Told> {
        PublicKey::from_base64(text.trim()).map(Self).map_err(|_| {
            told!(
                "is not a public key of minisign" =>
                "copy the last line of `minisign.pub`, which begins with `RW`"
            )
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey")
    }
}

/// The extensions of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningElements {
    /// Every extension.
    All,
    /// Those with these elements.
    Named(Vec<String>),
}

/// A rule: extensions and their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRule {
    /// The extensions.
    pub elements: SigningElements,
    /// The keys that count for them.
    pub keys: Vec<SigningKey>,
    /// Whether files without a good signature are refused.
    pub is_required: bool,
}

impl SigningRule {
    /// Joomla finds elements without regard to case.
    fn covers(&self, element: &str) -> bool {
        match &self.elements {
            SigningElements::All => true,
            SigningElements::Named(names) => {
                names.iter().any(|name| name.eq_ignore_ascii_case(element))
            }
        }
    }
}

/// All rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningRules(pub Vec<SigningRule>);

impl SigningRules {
    /// Returns whether an extension needs a signature.
    #[must_use]
    pub fn require(&self, extension: &Extension) -> bool {
        self.0.iter().any(|rule| rule.is_required && rule.covers(&extension.element))
    }

    /// Returns whether some extension needs a signature.
    #[must_use]
    pub fn require_some(&self) -> bool {
        self.0.iter().any(|rule| rule.is_required)
    }

    /// All keys, of any rule.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter().flat_map(|rule| &rule.keys)
    }

    /// Returns whether a key counts for an extension. An extension that no rule covers may be signed
    /// with any key: it was signed before, when a rule covered it.
    pub(super) fn count(&self, key: &SigningKey, extension: &Extension) -> bool {
        let covering = || self.0.iter().filter(|rule| rule.covers(&extension.element));
        covering().next().is_none() || covering().any(|rule| rule.keys.contains(key))
    }
}
