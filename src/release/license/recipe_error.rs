//! Words the reason for the operator if a recipe cannot be used.
//!
//! Called by all that read a recipe of the operator. The crate of recipes reports the problem; only
//! this file names the setting for spellings.

use license_recipe::{RecipeError, RecipeProblem};

/// Words an error; names the lines to add if the recipe has a spelling of the site's own.
#[must_use]
pub fn in_words(error: &RecipeError) -> String {
    let RecipeProblem::Foreign { text, likely } = error.problem() else {
        return error.to_string();
    };
    let (key, meaning) = (toml_key(text), likely.unwrap_or("…"));
    error.worded(&format!(
        "`{text}` goes beyond a plain name: say which value it means, by these lines in the \
         configuration file: `[license.spellings]` and `{key} = \"{meaning}\"`"
    ))
}

/// A PHP text as a key of TOML.
fn toml_key(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{text}'")
    }
}
