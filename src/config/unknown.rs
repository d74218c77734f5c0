//! Keys nobody knows: named with file and line, and with the likely key meant.

use std::path::Path;

use figment::value::{Dict, Value};

use super::error::{ConfigError, ValuePlace};
use super::outline;
use super::place::line_of;
use super::source_names;

/// Looks through what a file holds.
///
/// # Errors
/// The first section or key that does not exist.
pub fn check(dict: &Dict, path: &Path, text: &str) -> Result<(), ConfigError> {
    let sections = outline();
    for (name, value) in dict {
        if name == "endpoints" {
            continue;
        }
        let Some(section) = sections.iter().find(|section| section.name == name) else {
            let is_section = matches!(value, Value::Dict(..) | Value::Array(..));
            let hint = if is_section {
                hint(name, sections.iter().map(|section| section.name).chain(["endpoints"]))
            } else {
                qualified_hint(name, "")
            };
            return Err(ConfigError::Unknown {
                what: if is_section { "section" } else { "key" },
                name: name.clone(),
                place: ValuePlace::File(path.into(), line_of(text, &[name])),
                hint,
            });
        };
        let Value::Dict(_, keys) = value else { continue };
        let known = |key: &String| section.keys.iter().any(|known| known.name == key);
        if let Some(key) = keys.keys().find(|key| !known(key)) {
            return Err(ConfigError::Unknown {
                what: "key",
                name: format!("{name}.{key}"),
                place: ValuePlace::File(path.into(), line_of(text, &[name, key])),
                hint: qualified_hint(key, name),
            });
        }
    }
    Ok(())
}

/// The error for a variable that fits no key.
#[must_use]
pub fn variable(name: &str) -> ConfigError {
    let all: Vec<_> = outline()
        .into_iter()
        .flat_map(|section| {
            section.keys.into_iter().map(move |key| source_names::variable(section.name, key.name))
        })
        .collect();
    // What all names start with would make all of them alike.
    let tail = |name: &str| name.strip_prefix(source_names::PREFIX).unwrap_or(name).to_owned();
    let likely = likeliest(&tail(name), all.iter().map(|known| (tail(known), known.as_str())));
    ConfigError::Unknown {
        what: "key",
        name: name.into(),
        place: ValuePlace::Named("the environment".into()),
        hint: sentence(likely),
    }
}

/// The likely name meant among those allowed at one place.
pub(super) fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    sentence(likeliest(name, known.map(|known| (known.to_owned(), known))))
}

/// The likely key meant among those of all sections; its own section's go without their prefix,
/// and first.
fn qualified_hint(name: &str, own: &str) -> String {
    let mut all = Vec::new();
    for section in outline() {
        for key in section.keys {
            if section.name == own {
                all.insert(0, (key.name, key.name.to_owned()));
            } else {
                all.push((key.name, format!("{}.{}", section.name, key.name)));
            }
        }
    }
    sentence(likeliest(name, all.iter().map(|(key, full)| ((*key).to_owned(), full.as_str()))))
}

/// The first of the likeliest among pairs of what is compared and what is shown.
fn likeliest<'a>(name: &str, known: impl Iterator<Item = (String, &'a str)>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|(compared, shown)| (strsim::jaro_winkler(&name, &compared.to_lowercase()), shown))
        .filter(|(likeness, _)| *likeness > 0.8)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, shown)| shown)
}

fn sentence(likely: Option<&str>) -> String {
    likely.map_or_else(
        || ": `config.example.toml` lists all keys".into(),
        |known| format!(": did you mean `{known}`?"),
    )
}
