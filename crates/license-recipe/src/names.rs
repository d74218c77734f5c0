//! The names of values in a recipe.

use super::ast::Fact;
use super::error::{Fault, RecipeProblem};
use super::spelling::likely;

/// The name a variable stands for.
pub(super) fn known_name(text: &str, at: usize) -> Result<Fact, Fault> {
    Fact::find(text).ok_or_else(|| {
        let name: String = text.chars().take(40).collect();
        let likely = likely(&name, Fact::NAMES.iter().copied());
        Fault { at, problem: RecipeProblem::UnknownName { name, likely } }
    })
}
