//! Words for the operator why a recipe cannot be used.
//!
//! Called by all that read a recipe of the operator. The crate of recipes says what is wrong; only
//! here is known where spellings are configured.

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
