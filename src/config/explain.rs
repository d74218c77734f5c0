//! Explains values that do not fit their key. The message never shows a value that may be a secret;
//! figment's own messages would quote it.

use figment::error::{Actual, Kind as Flaw};
use figment::{Error, Metadata, Source};

use super::place::line_of;
use super::problem::Problem;
use super::problem::ValuePlace;
use super::section::ValueKind;
use super::source_names::{COMMAND_LINE, ENVIRONMENT, FILE, FLAGS, variable};
use super::{keys, unknown};
use crate::told::Told;
use crate::words::choice;

/// Explains an error in our words; `text` is the text of the configuration file, if there is one.
pub(super) fn explain(error: &Error, text: Option<&str>) -> Problem {
    let path: Vec<_> =
        error.path.iter().filter(|part| *part != "default").map(String::as_str).collect();
    let (key, place) = (path.join("."), place(error, &path, text));
    let (what, advice) = match &error.kind {
        Flaw::UnknownField(name, known) => {
            let hint = unknown::hint(name, known.iter().copied());
            return unknown::unknown("key", key, place, hint);
        }
        // The two parts are from a text that does not parse.
        Flaw::InvalidValue(Actual::Other(what), advice) => (what.clone(), advice.clone()),
        Flaw::InvalidType(actual, expected) | Flaw::InvalidValue(actual, expected) => {
            let wanted = wanted(&path).map_or_else(|| expected.clone(), ToOwned::to_owned);
            (format!("found {}", found(actual)), format!("write {wanted}"))
        }
        Flaw::UnknownVariant(found, known) => {
            (format!("`{found}` is not known"), format!("use {}", choice(known.iter())))
        }
        Flaw::MissingField(name) => (format!("it has no `{name}`"), "add it".to_owned()),
        other => return Problem::told(key, Told::only(other)).in_place(place),
    };
    Problem::new(key, what, advice).in_place(place)
}

fn place(error: &Error, path: &[&str], text: Option<&str>) -> ValuePlace {
    match error.metadata.as_ref() {
        None => ValuePlace::Named("the configuration".into()),
        Some(metadata) => source(metadata, path, text),
    }
}

/// Returns the place of a key in the source that sets it.
pub(super) fn source(metadata: &Metadata, path: &[&str], text: Option<&str>) -> ValuePlace {
    if let Some(Source::File(file)) = &metadata.source {
        let text = text.filter(|_| metadata.name == FILE);
        return ValuePlace::File(file.clone(), text.and_then(|text| line_of(text, path)));
    }
    let flag = |section, key| FLAGS.iter().find(|flag| (flag.1, flag.2) == (section, key));
    match (metadata.name.as_ref(), path) {
        (ENVIRONMENT, [section, key, ..]) => ValuePlace::Variable(variable(section, key)),
        (COMMAND_LINE, [section, key, ..]) => match flag(*section, *key) {
            Some((flag, ..)) => ValuePlace::Named(format!("the flag `{flag}`")),
            None => ValuePlace::Named(COMMAND_LINE.into()),
        },
        (name, _) => ValuePlace::Named(name.into()),
    }
}

fn found(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "`true` or `false`",
        Actual::Signed(number) if *number < 0 => "a negative number",
        Actual::Unsigned(_) | Actual::Signed(_) => "a number",
        Actual::Float(_) => "a decimal number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    }
}

/// Returns the expected content of a section or key, for the operator; `None` inside a table or
/// list.
fn wanted(path: &[&str]) -> Option<&'static str> {
    match path {
        ["signing"] => Some("`[[signing]]` with double brackets above each list of extensions"),
        ["endpoints"] => Some("`[[endpoints]]` with double brackets above each end-point"),
        [_] => Some("it as a section, its name in brackets on a line of its own"),
        [section, key] => {
            let (_, key) = keys().find(|(name, known)| name == section && known.name == *key)?;
            Some(match key.kind {
                ValueKind::Text | ValueKind::Secret => "a text in quotes",
                ValueKind::Number => "a whole number, without quotes",
                ValueKind::Flag => "`true` or `false`, without quotes",
                ValueKind::List => "a list of texts: `[\"…\", \"…\"]`",
                ValueKind::Table => "it as `config.example.toml` shows",
            })
        }
        _ => None,
    }
}
