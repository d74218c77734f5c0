//! Reads the key ring from the `[license]` section.

use std::io::ErrorKind;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use license_recipe::{Recipe, Spellings};
use secrecy::ExposeSecret;

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::values;
use crate::named_file;
use crate::release::license::{AcceptedHash, KeyRing, KnownKeys, recipe_error};
use crate::told::{Tell, Told, told};

/// Most bytes of a file with accepted keys: room for some millions of keys.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The recipe of a site that has issued no keys yet.
const DEFAULT: &str = "default";

/// Builds the key ring, which makes and accepts license keys.
///
/// # Errors
/// No recipe for a `migrated` site, a recipe or date that cannot be read, a CSV file with a bad
/// line.
pub fn ring(config: &Config, migrated: bool) -> Result<KeyRing, Problems> {
    let license = &config.license;
    let spellings = Spellings::new(license.spellings.clone())
        .map_err(|error| Problem::told("license.spellings", Told::only(error)))?;
    let parse = |key: &str, source: &str| {
        Recipe::parse(source, &spellings).map_err(|error| {
            let what = recipe_error::in_words(&error);
            Problem::told(key, told!("{what}"; "docs/recipes.md explains formulas"))
        })
    };
    let mut problems = Problems::default();
    let recipe = problems.sort(match &license.recipe {
        Some(source) => parse("license.recipe", source),
        None if migrated => Err(no_recipe()),
        None => parse("license.recipe", DEFAULT),
    });
    let sources = license.accepted_recipes.iter();
    let accepted = sources
        .filter_map(|source| problems.sort(parse("license.accepted_recipes", source)))
        .collect();
    let hashes = license.accepted_hashes.iter();
    let hashes = hashes.filter_map(|hash| problems.sort(accepted_hash(hash))).collect();
    let keys = problems.sort(known_keys(config));
    let (Some(recipe), Some(keys), true) = (recipe, keys, problems.0.is_empty()) else {
        return Err(problems);
    };
    let secret = config.joomla.secret.as_ref().map_or("", ExposeSecret::expose_secret);
    Ok(KeyRing::new(recipe, secret.as_bytes())
        .with_accepted_recipes(accepted)
        .with_accepted_hashes(hashes)
        .with_accepted_keys(keys))
}

/// The problem of a site whose plugin has issued keys, if the configuration does not give its
/// formula.
fn no_recipe() -> Problem {
    let told = Told::new(
        "no license key formula: without the one of the site's plugin every key it has issued would be \
         refused",
        ". ",
        "Copy the formula from the plugin's source into `recipe` in `[license]` (or `--recipe`), for \
         example `recipe = 'md5($email . $group . $hash)'`; on a site that has issued no keys yet set \
         `recipe = \"default\"`",
    );
    Problem::told("license.recipe", told).as_sentence()
}

fn accepted_hash(hash: &values::AcceptedHash) -> Result<AcceptedHash, Problem> {
    let until = hash.until.as_deref().map(end_of_day).transpose()?;
    Ok(AcceptedHash { group: hash.group.clone(), hash: hash.hash.clone(), until })
}

/// The first second after a day like `2030-12-31` in UTC, in Unix time.
fn end_of_day(text: &str) -> Result<i64, Problem> {
    let wrong = || {
        let what = format!("`{text}` is no date");
        Problem::new(
            "license.accepted_hashes",
            what,
            "write the last day it counts as `2030-12-31`",
        )
    };
    let next = Date::from_str(text).and_then(Date::tomorrow).map_err(|_| wrong())?;
    let midnight = next.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
    Ok(midnight.timestamp().as_second())
}

fn known_keys(config: &Config) -> Result<KnownKeys, Problem> {
    let Some(path) = &config.license.accepted_keys else { return Ok(KnownKeys::default()) };
    let problem = |told: Told| {
        let place = format!("`license.accepted_keys`, file `{}`: ", path.display());
        Problem::told("license.accepted_keys", told.after(place)).as_sentence()
    };
    let text = named_file::read_text(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => problem(told!("it is no UTF-8 text" => "save it as UTF-8")),
        _ => problem(told!("{error}" => "correct its path or rights")),
    })?;
    KnownKeys::parse(&text).map_err(|error| problem(error.told()))
}
