//! Which of the alternatives a key is good by, for the operator.
//!
//! Asked by the commands that explain a refusal; requests only learn whether a key is good
//! ([`KeyRing::accepts`]), from the same list. It does not know who asks, nor what time it is.

use std::fmt;

use license_recipe::trimmed;
use subtle::Choice;

use super::key::{GroupSeed, Person};
use super::key_ring::{KeyRing, RecipeOf, SeedOf, Typed};

/// What makes a key a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedAs {
    /// It is what a recipe makes with a seed.
    Made {
        /// The recipe.
        recipe: RecipeOf,
        /// The seed.
        seed: SeedOf,
    },
    /// It stands in the list of single keys.
    Known,
}

impl fmt::Display for AcceptedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made { recipe, seed } => write!(f, "{recipe} with {seed}"),
            Self::Known => f.write_str("a row of `accepted_keys`"),
        }
    }
}

impl KeyRing {
    /// What `given` is accepted as, for this person and group at `now` (Unix time in seconds);
    /// `None` for a key that [`KeyRing::accepts`] refuses.
    ///
    /// Every alternative is compared, in constant time each; only which one matched first shows.
    #[must_use]
    pub fn accepted_as(
        &self,
        given: &[u8],
        person: &Person<'_>,
        group: &GroupSeed<'_>,
        now: i64,
    ) -> Option<AcceptedAs> {
        let mut found = None;
        let exactly = Typed::Exactly;
        self.compare(trimmed(given), exactly, person, group, now, |accepted_as, same: Choice| {
            if bool::from(same) && found.is_none() {
                found = Some(accepted_as);
            }
        });
        found
    }
}
