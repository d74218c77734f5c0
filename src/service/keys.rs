//! From the `[license]` section to the key ring.

use std::io::ErrorKind;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use license_recipe::{Recipe, Spellings};
use secrecy::ExposeSecret;

use super::start_error::StartError;
use crate::config::Config;
use crate::config::values;
use crate::named_file;
use crate::release::license::{AcceptedHash, KeyRing, KnownKeys, recipe_error};

/// Bytes of a file with accepted keys at most: some millions of them.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The recipe of a site that has issued no keys yet.
const DEFAULT: &str = "default";

/// Builds what makes and accepts license keys.
///
/// # Errors
/// No recipe for a `migrated` site, a recipe or date that cannot be read, a CSV file with a bad line.
pub(super) fn ring(config: &Config, migrated: bool) -> Result<KeyRing, StartError> {
    let license = &config.license;
    let spellings = Spellings::new(license.spellings.clone())
        .map_err(|error| StartError::Config(format!("`license.spellings`: {error}")))?;
    let parse = |key: &str, source: &str| {
        Recipe::parse(source, &spellings).map_err(|error| {
            StartError::Config(format!(
                "`license.{key}`: {}; docs/recipes.md explains formulas",
                recipe_error::in_words(&error)
            ))
        })
    };
    let recipe = match &license.recipe {
        Some(source) => parse("recipe", source)?,
        None if migrated => return Err(StartError::NoRecipe),
        None => parse("recipe", DEFAULT)?,
    };
    let mut accepted = Vec::new();
    for source in &license.accepted_recipes {
        accepted.push(parse("accepted_recipes", source)?);
    }
    let hashes = license.accepted_hashes.iter().map(accepted_hash).collect::<Result<_, _>>()?;
    let secret = config.joomla.secret.as_ref().map_or("", ExposeSecret::expose_secret);
    Ok(KeyRing::new(recipe, secret.as_bytes())
        .with_accepted_recipes(accepted)
        .with_accepted_hashes(hashes)
        .with_accepted_keys(known_keys(config)?))
}

fn accepted_hash(hash: &values::AcceptedHash) -> Result<AcceptedHash, StartError> {
    let until = hash.until.as_deref().map(end_of_day).transpose()?;
    Ok(AcceptedHash { group: hash.group.clone(), hash: hash.hash.clone(), until })
}

/// The first second, in Unix time, that is no longer the day `2030-12-31` in UTC.
fn end_of_day(text: &str) -> Result<i64, StartError> {
    let wrong = || {
        StartError::Config(format!(
            "`license.accepted_hashes`: `{text}` is no date: write the last day it counts as `2030-12-31`"
        ))
    };
    let next = Date::from_str(text).and_then(Date::tomorrow).map_err(|_| wrong())?;
    let midnight = next.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(midnight.timestamp().as_second())
}

fn known_keys(config: &Config) -> Result<KnownKeys, StartError> {
    let Some(path) = &config.license.accepted_keys else { return Ok(KnownKeys::default()) };
    let wrong = |reason: String| {
        StartError::Config(format!("`license.accepted_keys`, file `{}`: {reason}", path.display()))
    };
    let text = named_file::read_text(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => wrong("it is no UTF-8 text: save it as UTF-8".to_owned()),
        _ => wrong(format!("{error}: correct its path or rights")),
    })?;
    KnownKeys::parse(&text).map_err(|error| wrong(error.to_string()))
}
