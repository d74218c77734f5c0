//! Keys nobody knows: named with file and line, and with the likely key meant.

use std::path::Path;

use figment::value::{Dict, Value};

use super::env;
use super::error::{ConfigError, Place};
use super::outline;

/// Looks through what a file holds.
///
/// # Errors
/// The first section or key that does not exist.
pub fn check(dict: &Dict, path: &Path, text: &str) -> Result<(), ConfigError> {
    let sections = outline();
    for (name, value) in dict {
        let place = |key| Place::File(path.into(), line_of(text, name, key));
        if name == "endpoints" {
            continue;
        }
        let Some(section) = sections.iter().find(|section| section.name == name) else {
            let names = sections.iter().map(|section| section.name).chain(["endpoints"]);
            return Err(ConfigError::Unknown {
                what: if matches!(value, Value::Dict(..)) { "section" } else { "key" },
                name: name.clone(),
                place: place(None),
                hint: hint(name, names.map(str::to_owned)),
            });
        };
        let Value::Dict(_, keys) = value else { continue };
        for key in keys.keys() {
            if !section.keys.iter().any(|known| known.name == key) {
                let all = sections.iter().flat_map(|other| {
                    let same = other.name == section.name;
                    other.keys.iter().map(move |key| {
                        if same {
                            key.name.to_owned()
                        } else {
                            format!("{}.{}", other.name, key.name)
                        }
                    })
                });
                return Err(ConfigError::Unknown {
                    what: "key",
                    name: format!("{name}.{key}"),
                    place: place(Some(key)),
                    hint: hint(key, all),
                });
            }
        }
    }
    Ok(())
}

/// The error for a variable that fits no key.
#[must_use]
pub fn variable(name: &str) -> ConfigError {
    let all = outline().into_iter().flat_map(|section| {
        section.keys.into_iter().map(move |key| env::variable(section.name, key.name))
    });
    ConfigError::Unknown {
        what: "key",
        name: name.into(),
        place: Place::Named("the environment".into()),
        hint: hint(name, all),
    }
}

/// The line on which a section or one of its keys stands.
#[must_use]
pub fn line_of(text: &str, section: &str, key: Option<&str>) -> Option<usize> {
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some(header) = line.strip_prefix('[') {
            let name = header.trim_start_matches('[').split(']').next().unwrap_or_default().trim();
            inside = name == section;
            let wanted = key.map(|key| format!("{section}.{key}"));
            if wanted.as_deref().map_or(inside, |wanted| name == wanted) {
                return Some(index + 1);
            }
            continue;
        }
        let word = line.split(['=', ' ', '\t']).next().unwrap_or_default().trim_matches('"');
        let here = match key {
            Some(key) => (inside && word == key) || word == format!("{section}.{key}"),
            None => !inside && word == section,
        };
        if here {
            return Some(index + 1);
        }
    }
    None
}

fn hint(name: &str, known: impl Iterator<Item = String>) -> String {
    let bare = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    known
        .map(|known| {
            (strsim::jaro_winkler(&name.to_lowercase(), &bare(&known).to_lowercase()), known)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        // The first of the likeliest: a key of the same section comes before others'.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map_or_else(
            || ": `config.example.toml` lists all keys".into(),
            |(_, known)| format!(": did you mean `{known}`?"),
        )
}
