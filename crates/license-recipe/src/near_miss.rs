//! A key that a recipe almost makes: in which way they differ.
//!
//! For commands that try a recipe on known keys and advise on changes.

use crate::{Fit, Recipe, Sample, trimmed};

/// How a known key differs from the one a recipe makes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NearMiss {
    /// The same but for upper and lower case.
    #[error("they differ in letter case only: put `{0}(…)` around the recipe")]
    LetterCase(&'static str),
    /// The key is a part of it.
    #[error(
        "the key is a part of the text that the recipe makes: put `substr(…, {at}, {length})` around it"
    )]
    Part {
        /// The place at which it begins, from 0.
        at: usize,
        /// How many characters it has.
        length: usize,
    },
    /// It is a part of the key.
    #[error("the recipe makes a part of the key: {0} characters are missing")]
    Missing(usize),
    /// Equal except for the separators of chunks, and perhaps for case.
    #[error("they differ in dashes or blanks only: `chunk_split` puts them in")]
    Chunks,
    /// It would fit with another form of a value.
    #[error("it fits with {0}")]
    Value(&'static str),
}

/// Returns the ways in which a key differs from the one that a recipe makes of its sample; empty if
/// none is known, or if the recipe makes the key or fails.
#[must_use]
pub fn near_misses(recipe: &Recipe, sample: &Sample) -> Vec<NearMiss> {
    if sample.fit(recipe) != Fit::Other {
        return Vec::new();
    }
    let made = recipe.evaluate(&sample.facts()).unwrap_or_default();
    let Ok(made) = std::str::from_utf8(trimmed(&made)) else { return Vec::new() };
    let written = as_written(sample.key(), made);
    let values = changed(sample)
        .into_iter()
        .filter(|(_, changed)| changed.fit(recipe) == Fit::Same)
        .map(|(what, _)| NearMiss::Value(what));
    written.into_iter().chain(values).collect()
}

fn as_written(key: &str, made: &str) -> Option<NearMiss> {
    /// Shorter parts are in anything.
    const TELLING: usize = 6;
    let (lower_key, lower_made) = (key.to_ascii_lowercase(), made.to_ascii_lowercase());
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if lower_key == lower_made {
        let upper = key == made.to_ascii_uppercase();
        return Some(NearMiss::LetterCase(if upper { "strtoupper" } else { "strtolower" }));
    }
    if let Some(at) = lower_made.find(&lower_key).filter(|_| key.len() >= TELLING) {
        return Some(NearMiss::Part { at, length: key.len() });
    }
    if lower_key.contains(&lower_made) && made.len() >= TELLING {
        return Some(NearMiss::Missing(key.len() - made.len()));
    }
    let same = bare(&lower_key) == bare(&lower_made) && !bare(key).is_empty();
    same.then_some(NearMiss::Chunks)
}

/// The sample with one value in another form, and which.
fn changed(sample: &Sample) -> Vec<(&'static str, Sample)> {
    let with = |what, change: &dyn Fn(&mut Sample)| {
        let mut changed = sample.clone();
        change(&mut changed);
        (what, changed)
    };
    vec![
        with("the e-mail in lower case: write `strtolower($email)`", &|sample| {
            sample.email.make_ascii_lowercase();
        }),
        with("the e-mail in upper case: write `strtoupper($email)`", &|sample| {
            sample.email.make_ascii_uppercase();
        }),
        with("the e-mail without blanks around it: write `trim($email)`", &|sample| {
            sample.email = sample.email.trim().to_owned();
        }),
        with("the package group in lower case: write `strtolower($group)`", &|sample| {
            sample.group.make_ascii_lowercase();
        }),
        with("the package group in upper case: write `strtoupper($group)`", &|sample| {
            sample.group.make_ascii_uppercase();
        }),
        with("an empty hash: was it made before the package group had one?", &|sample| {
            sample.hash = Some(String::new().into());
        }),
        with("an empty secret: was it made on another site?", &|sample| {
            sample.secret = Some(String::new().into());
        }),
    ]
}
