//! Recipes: every text is read or refused with a place, values keep their limit, and no message
//! shows a quoted text.

use license_recipe::{Facts, NoValue, Recipe, Spellings};
use license_recipe::{MAX_SOURCE, MAX_VALUE};

use super::SECRET;

/// Reads a recipe and evaluates it for an e-mail, a name, a seed and a secret.
pub fn holds(data: &[u8]) {
    let mut parts = super::parts(data);
    let source = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let email = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let name = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let hash = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let secret = super::part(&mut parts);
    let facts =
        Facts { email: &email, name: &name, hash: &hash, secret, user_id: 62, ..Facts::default() };

    match Recipe::parse(&source, &Spellings::default()) {
        Ok(recipe) => evaluates(&recipe, &facts, &source),
        Err(error) => {
            let length = source.chars().count().max(1);
            assert!((1..=length).contains(&error.column()), "the place is in the recipe");
            assert!(error.to_string().len() < 2000 + source.len(), "a message of some lines");
        }
    }
    hides_a_seed(&source, &facts);
}

fn evaluates(recipe: &Recipe, facts: &Facts<'_>, source: &str) {
    let value = recipe.evaluate(facts);
    assert_eq!(value, recipe.clone().evaluate(facts), "the same again");
    match &value {
        Ok(value) => assert!(value.len() <= MAX_VALUE, "no longer than a value may be"),
        Err(error) => {
            assert!(error.column() <= source.chars().count().max(1), "the place is in the recipe");
        }
    }
    // A recipe judged as short enough for every user is short enough for this one.
    let is_legal = facts.email.chars().count() <= 100 && facts.name.chars().count() <= 400;
    if is_legal && recipe.check(facts).is_ok() && !source.to_lowercase().contains("printf") {
        let refusal = value.map_err(|error| error.refusal());
        assert_ne!(refusal, Err(NoValue::TooLong), "judged before");
    }
    let shown = recipe.to_string();
    assert_eq!(format!("{recipe:?}"), format!("Recipe({shown:?})"), "shown in one way");
}

/// Whatever stands behind it: a quoted text is not shown.
fn hides_a_seed(source: &str, facts: &Facts<'_>) {
    // As a name, not in quotes, it may be shown.
    let source = format!("'{SECRET}' . {}", source.replace(SECRET, "name"));
    if source.len() > MAX_SOURCE {
        return;
    }
    match Recipe::parse(&source, &Spellings::default()) {
        Err(error) => {
            assert!(!error.to_string().contains(SECRET), "{error}");
            assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
        }
        Ok(recipe) => {
            assert!(!recipe.to_string().contains(SECRET), "{recipe}");
            assert!(!format!("{recipe:?}").contains(SECRET), "{recipe:?}");
            if let Err(error) = recipe.evaluate(facts) {
                assert!(!error.to_string().contains(SECRET), "{error}");
            }
        }
    }
}
