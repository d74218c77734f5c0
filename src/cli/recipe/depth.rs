//! How much `recipe find` searches, as the command line has it.

use clap::ValueEnum;
use license_recipe::search;
use serde::Serialize;

/// How much is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Depth {
    /// As most plugins do it: at once
    Quick,
    /// The likely forms: seconds
    Usual,
    /// Everything that is known to the search: minutes
    Full,
}

impl From<Depth> for search::Depth {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Quick => Self::Quick,
            Depth::Usual => Self::Usual,
            Depth::Full => Self::Full,
        }
    }
}
