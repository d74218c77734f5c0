//! License keys: the recipe language that derives them, the ring that issues and accepts them, and
//! the search for the recipe behind known keys.
//!
//! Called by the methods (`validate`, `verify`, `download`, the two key services) and by the
//! commands that test recipes. Pure: no file, no database, no clock; whoever calls brings the rows,
//! the text of files and the time.

pub mod accepted_as;
pub mod key;
mod key_heading;
pub mod key_ring;
pub mod key_rows;
pub mod known_keys;
pub mod near_miss;
pub mod recipe;
pub mod sample;
pub mod search;

pub use accepted_as::AcceptedAs;
pub use key::{GroupSeed, KeyError, LicenseKey, Person, trimmed};
pub use key_ring::{AcceptedHash, CheckError, Guessable, KeyRing, RecipeOf, SeedOf};
pub use key_rows::{KeyRow, KnownKeysError};
pub use known_keys::KnownKeys;
pub use recipe::{
    EvalError, Fact, Facts, LetterCase, Recipe, RecipeError, RecipeProblem, Refusal, SpellingError,
    Spellings,
};
pub use sample::{Fit, Sample};
