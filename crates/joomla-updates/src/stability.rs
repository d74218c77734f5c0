//! How finished a version is: the `<tag>` of an update.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A site accepts versions at least as finished as its own setting, by default only stable ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

const ALL: [Stability; 5] =
    [Stability::Dev, Stability::Alpha, Stability::Beta, Stability::Rc, Stability::Stable];

impl Stability {
    /// Its name in update XML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Rc => "rc",
            Self::Stable => "stable",
        }
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

impl fmt::Display for Stability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The text is not a stability. The message tells the valid ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no stability")]
pub struct NoStability(String);

impl NoStability {
    /// What to write instead.
    pub const ADVICE: &str = "write `dev`, `alpha`, `beta`, `rc` or `stable`";
}

impl FromStr for Stability {
    type Err = NoStability;

    fn from_str(text: &str) -> Result<Self, NoStability> {
        let known = ALL.into_iter().find(|known| known.name() == text);
        known.ok_or_else(|| NoStability(text.to_owned()))
    }
}
