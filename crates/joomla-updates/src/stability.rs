//! How finished a version is: the `<tag>` of an update.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// A site accepts versions at least as finished as its own setting, by default only stable ones.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = NoStability, parse_err_fn = NoStability::of)]
pub enum Stability {
    /// Development.
    Dev,
    /// Alpha.
    Alpha,
    /// Beta.
    Beta,
    /// Release candidate.
    Rc,
    /// Stable.
    Stable,
}

impl Stability {
    /// Its name in update XML.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Reads the stability of a version: `2.0-beta1` is a beta. Without a known word it is stable.
    #[must_use]
    pub fn of_version(version: &str) -> Self {
        let words = version
            .split(|letter: char| !letter.is_ascii_alphabetic())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase);
        words
            .filter_map(|word| match word.as_str() {
                "dev" | "snapshot" => Some(Self::Dev),
                "alpha" | "a" => Some(Self::Alpha),
                "beta" | "b" => Some(Self::Beta),
                "rc" => Some(Self::Rc),
                _ => None,
            })
            .min()
            .unwrap_or(Self::Stable)
    }
}

/// The text is not a stability. The message tells the valid ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no stability")]
pub struct NoStability(String);

impl NoStability {
    /// What to write instead.
    pub const ADVICE: &str = "write `dev`, `alpha`, `beta`, `rc` or `stable`";

    fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}
