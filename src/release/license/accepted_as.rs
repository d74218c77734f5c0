//! Which of the alternatives a key is good by, for the operator.
//!
//! Told by `key_ring`, read by the decision log and the commands that explain a refusal.

use std::fmt;

/// The reason for which a key is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedAs {
    /// A recipe makes it with a seed.
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

/// One of the configured recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipeOf {
    /// `recipe`, which also issues.
    Issuing,
    /// An entry of `accepted_recipes`, from 1.
    Accepted(usize),
}

impl fmt::Display for RecipeOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuing => f.write_str("`recipe`"),
            Self::Accepted(entry) => write!(f, "entry {entry} of `accepted_recipes`"),
        }
    }
}

/// One of the configured seeds of a package group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedOf {
    /// The one in the plugin's settings.
    Current,
    /// An entry of `accepted_hashes`, from 1, counted over all groups.
    Accepted(usize),
}

impl fmt::Display for SeedOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("its current hash"),
            Self::Accepted(entry) => write!(f, "entry {entry} of `accepted_hashes`"),
        }
    }
}
