//! Finds unknown keys: names them with file and line, and suggests the likely key.

use std::path::Path;

use figment::value::{Dict, Value};

use super::place::line_of;
use super::problem::Problem;
use super::problem::ValuePlace;
use super::source_names;
use super::{keys, outline};

/// The lists of tables.
const LISTS: [&str; 2] = ["endpoints", "signing"];

/// Checks the content of a file; adds a problem for each section or key that does not exist.
pub fn check(dict: &Dict, path: &Path, text: &str, problems: &mut Vec<Problem>) {
    let sections = outline();
    let place = |names: &[&str]| ValuePlace::File(path.into(), line_of(text, names));
    for (name, value) in dict {
        if LISTS.contains(&name.as_str()) {
            continue;
        }
        let Some(section) = sections.iter().find(|section| section.name == name) else {
            let is_section = matches!(value, Value::Dict(..) | Value::Array(..));
            let hint = if is_section {
                hint(name, sections.iter().map(|section| section.name).chain(LISTS))
            } else {
                qualified_hint(name, "")
            };
            let what = if is_section { "section" } else { "key" };
            problems.push(unknown(what, name.clone(), place(&[name]), hint));
            continue;
        };
        let Value::Dict(_, keys) = value else { continue };
        let known = |key: &String| section.keys.iter().any(|known| known.name == key);
        for key in keys.keys().filter(|key| !known(key)) {
            let hint = qualified_hint(key, name);
            problems.push(unknown("key", format!("{name}.{key}"), place(&[name, key]), hint));
        }
    }
}

/// Returns the problem of an unknown name.
pub(super) fn unknown(what: &str, name: String, place: ValuePlace, hint: String) -> Problem {
    let sentence = format!("unknown {what} `{name}` in {place}");
    Problem::new(name, sentence, hint).in_place(place).as_sentence()
}

/// Returns the problem of a variable without a key.
#[must_use]
pub fn variable(name: &str) -> Problem {
    let all: Vec<_> =
        keys().map(|(section, key)| source_names::variable(section, key.name)).collect();
    // With their common prefix, all names would look alike.
    let tail = |name: &str| name.strip_prefix(source_names::PREFIX).unwrap_or(name).to_owned();
    let likely = likeliest(&tail(name), all.iter().map(|known| (tail(known), known.as_str())));
    unknown("key", name.into(), ValuePlace::Named("the environment".into()), sentence(likely))
}

/// Suggests the likely name among those allowed at one place.
pub(super) fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    sentence(likeliest(name, known.map(|known| (known.to_owned(), known))))
}

/// Suggests the likely key among those of all sections. Keys of the own section come first, without
/// a prefix.
fn qualified_hint(name: &str, own: &str) -> String {
    let mut all = Vec::new();
    for (section, key) in keys() {
        if section == own {
            all.insert(0, (key.name, key.name.to_owned()));
        } else {
            all.push((key.name, format!("{section}.{}", key.name)));
        }
    }
    sentence(likeliest(name, all.iter().map(|(key, full)| ((*key).to_owned(), full.as_str()))))
}

/// Returns the first of the likeliest names. Each pair holds the text to compare and the name to
/// show.
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
        || "`config.example.toml` lists all keys".into(),
        |known| format!("did you mean `{known}`?"),
    )
}
