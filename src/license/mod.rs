//! License keys: the recipe language that derives them, and the ring that issues and accepts them.
//!
//! Called by the methods (`validate`, `verify`, `download`, the two key services) and by the
//! commands that test recipes. Pure: no file, no database, no clock; whoever calls brings the rows,
//! the text of files and the time.

pub mod accepted_as;
pub mod key;
pub mod key_ring;
pub mod known_keys;
pub mod recipe;

pub use accepted_as::AcceptedAs;
pub use key::{GroupSeed, KeyError, LicenseKey, Person};
pub use key_ring::{AcceptedHash, CheckError, Guessable, KeyRing, RecipeOf, SeedOf};
pub use known_keys::{KnownKeys, KnownKeysError};
pub use recipe::{
    EvalError, Facts, Recipe, RecipeError, RecipeProblem, Refusal, SpellingError, Spellings,
};
