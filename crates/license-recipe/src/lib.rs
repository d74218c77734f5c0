//! The PHP expression a site derives its license keys with, and the search for it.
//!
#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! The way of a recipe: `lexer` and `quoted` (text to tokens), `parser` and `ast` (tokens to an
//! expression whose types and counts fit), `bounds` (the sizes it can reach), `eval` and `call`
//! (bytes). A recipe is read once ([`Recipe::parse`]), judged against a group at start
//! ([`Recipe::check`]) and then evaluated for each key ([`Recipe::evaluate`]). [`Sample`] is a
//! known key, [`near_miss`] tells how one differs.

mod arguments;
mod ast;
mod bounds;
mod bounds_of_recipes;
mod call;
mod digest;
mod error;
mod eval;
mod facts;
mod functions;
mod known;
mod letter_case;
mod lexer;
mod multibyte;
mod names;
pub mod near_miss;
mod pairs;
mod parser;
mod pattern;
mod quoted;
mod same;
mod sample;
#[cfg(feature = "search")]
pub mod search;
mod seeded;
mod spelling;
mod sprintf;
mod text;
mod value;
mod wordwrap;
mod written_case;

use std::fmt;

use ast::Expr;

pub use ast::Fact;
pub use bounds_of_recipes::{MAX_DEPTH, MAX_SOURCE, MAX_VALUE};
pub use error::{EvalError, NoValue, RecipeError, RecipeProblem};
pub use facts::Facts;
pub use letter_case::LetterCase;
pub use same::{same, trimmed};
pub use sample::{Fit, Sample};
pub use spelling::{SpellingError, Spellings};

/// The word that stands for [`DEFAULT_SOURCE`].
const DEFAULT: &str = "default";

/// The recipe of a site that has issued no keys yet.
pub const DEFAULT_SOURCE: &str =
    "substr(hash_hmac('sha256', $email . '|' . $group, $hash . $secret), 0, 32)";

/// A recipe that was read and found sound.
///
/// `Debug` and `Display` show its source with every quoted text replaced, because a recipe may
/// hold a seed.
#[derive(Clone)]
pub struct Recipe {
    root: Expr,
    shown: String,
    is_default: bool,
    letter_case: LetterCase,
}

impl Recipe {
    /// Reads a recipe: a PHP expression, or the word `default`.
    ///
    /// `spellings` gives the meanings of the site's own spellings (`$user->email`). Everything that
    /// can be known without a person or group is refused here: unknown names, functions and
    /// algorithms, wrong counts and types, constant parts that PHP would throw on, and sizes that
    /// exceed the limits for every group.
    pub fn parse(source: &str, spellings: &Spellings) -> Result<Self, RecipeError> {
        let is_default = source.trim() == DEFAULT;
        let source = if is_default { DEFAULT_SOURCE } else { source };
        let (root, shown) = parser::parse(source, spellings)
            .map_err(|fault| RecipeError::new(source, fault.at, fault.problem))?;
        bounds::check(&root, None)?;
        let shown = if is_default { DEFAULT.into() } else { shown };
        let letter_case = written_case::of(&root);
        Ok(Self { root, shown, is_default, letter_case })
    }

    /// Whether this is the built-in recipe, asked for by the word `default`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Returns the letters that its keys can hold, for any user.
    #[must_use]
    pub fn letter_case(&self) -> LetterCase {
        self.letter_case
    }

    /// Returns the bytes that PHP would make of the recipe for these facts. The result may be
    /// empty.
    ///
    /// Fails if PHP would throw an exception (a `TypeError` or `ValueError` that depends on the
    /// values), or if a value grew beyond [`MAX_VALUE`].
    pub fn evaluate(&self, facts: &Facts<'_>) -> Result<Vec<u8>, EvalError> {
        eval::evaluate(&self.root, facts)
    }

    /// Whether the recipe stays within [`MAX_VALUE`] for this group with the longest e-mail
    /// (100 characters), user name (150) and name (400) a Joomla site can store, four bytes each.
    ///
    /// Only `group`, `group_name`, `hash` and `secret` of `facts` are looked at.
    pub fn check(&self, facts: &Facts<'_>) -> Result<(), EvalError> {
        bounds::check(&self.root, Some(facts))
    }

    /// Whether the key can depend on this value.
    #[must_use]
    pub fn reads(&self, fact: Fact) -> bool {
        self.root.reads(fact)
    }

    /// Whether anyone can compute such keys: the recipe reads no non-empty `hash` or `secret`.
    ///
    /// A seed written into the recipe itself does not count, neither as `hash` nor as `secret`.
    #[must_use]
    pub fn is_guessable(&self, hash_empty: bool, secret_empty: bool) -> bool {
        !seeded::is_seeded(&self.root, seeded::Seeds { hash: !hash_empty, secret: !secret_empty })
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recipe").field(&self.shown).finish()
    }
}
