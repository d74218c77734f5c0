//! License keys: the ring that issues and accepts them by recipes, and the operator's list of single
//! keys.
//!
//! Called by the methods (`validate`, `verify`, `download`, the two key services). The recipes
//! themselves are the crate `license_recipe`. Pure: no file, no database, no clock; the caller brings
//! the rows, the text of files and the time.

pub mod accepted_as;
pub mod key;
mod key_heading;
pub mod key_ring;
pub mod key_rows;
pub mod known_keys;
pub mod recipe_error;

pub use accepted_as::{AcceptedAs, RecipeOf, SeedOf};
pub use key::{GroupSeed, KeyError, LicenseKey, Person};
pub use key_ring::{AcceptedHash, CheckError, Guessable, KeyRing};
pub use key_rows::{KeyRow, KnownKeysError};
pub use known_keys::KnownKeys;
