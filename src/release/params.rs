//! The three settings in the plugin row's `params` column.
//!
//! The option labels are documented, their JSON names are not: the likely ones are looked for,
//! the configuration can name them (`[release.param_names]`). See `docs/release.md`.

use serde_json::{Map, Value};

use super::catalog::SettingsText;
pub use crate::config::values::ParamName as ParamNames;
use crate::told::{tells, told};

/// Why the settings cannot be read from a `params` column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Neither JSON nor the old INI text.
    NotJson(String),
    /// As long as a column of the type TEXT can be, and broken off.
    CutOff(usize),
    /// No name fits an option, or several.
    NoName {
        /// The labels in Joomla's form of all that are missing.
        options: Vec<&'static str>,
        /// The names the column holds.
        found: String,
    },
}

tells!(ParamsError {
    Self::NotJson(it) => told!(
        "the plugin's `params` column holds no valid JSON ({it})" =>
        "save the plugin's settings in Joomla again"
    ),
    Self::CutOff(it) => told!(
        "the plugin's `params` column is full: it holds {it} bytes of the 65,535 that fit, and the \
         settings break off in the middle" =>
        "make the column wider (`ALTER TABLE … MODIFY params MEDIUMTEXT NOT NULL`) and save the \
         plugin's settings in Joomla again, or put `folder`, `groups` and `packages` into `[release]`"
    ),
    Self::NoName { options, found } => told!(
        "the plugin's `params` column has no setting for {}; the names found are {found}", quoted(options) =>
        "name the right {} in `[release.param_names]`", if options.len() == 1 { "one" } else { "ones" }
    ),
});

const FOLDER: &[&str] = &["folder"];
const GROUPS: &[&str] = &["groups", "packagegroups"];
const PACKAGES: &[&str] = &["packages", "packagelist"];

/// Reads the settings out of a `params` column.
///
/// # Errors
/// When the column is not readable, or when an option's name is neither configured nor found. An
/// empty column (the plugin was never saved) is an empty catalog, as in Joomla.
pub fn read(params: &str, names: &ParamNames) -> Result<SettingsText, ParamsError> {
    let map = registry(params)?;
    if map.is_empty() {
        return Ok(SettingsText::default());
    }
    let [folder, groups, packages] = options(&map, names)?.map(|(_, _, value)| text_of(value));
    Ok(SettingsText { folder, groups, packages })
}

/// The label of each option with the JSON name it was found under; none in an empty column.
///
/// # Errors
/// As [`read`].
pub fn names(params: &str, names: &ParamNames) -> Result<Vec<(&'static str, String)>, ParamsError> {
    let map = registry(params)?;
    if map.is_empty() {
        return Ok(Vec::new());
    }
    let found = options(&map, names)?;
    Ok(found.into_iter().map(|(label, name, _)| (label, name.to_owned())).collect())
}

/// Label, name and value of an option.
type FoundOption<'a> = (&'static str, &'a str, &'a Value);

fn options<'a>(
    map: &'a Map<String, Value>,
    names: &ParamNames,
) -> Result<[FoundOption<'a>; 3], ParamsError> {
    let wanted = [
        ("Folder", &names.folder, FOLDER),
        ("Package groups", &names.groups, GROUPS),
        ("Packages", &names.packages, PACKAGES),
    ];
    let found = wanted.map(|(label, fixed, likely)| option(map, label, fixed.as_deref(), likely));
    match found {
        [Some(folder), Some(groups), Some(packages)] => Ok([folder, groups, packages]),
        found => {
            let missing = wanted.iter().zip(&found).filter(|(_, found)| found.is_none());
            Err(ParamsError::NoName {
                options: missing.map(|((label, ..), _)| *label).collect(),
                found: list(map.keys().map(String::as_str)),
            })
        }
    }
}

/// Reads Joomla's registry text: JSON, an empty text, or INI lines from very old sites.
fn registry(params: &str) -> Result<Map<String, Value>, ParamsError> {
    let text = params.trim();
    if !text.starts_with(['{', '[']) {
        return Ok(if text == "null" { Map::new() } else { ini(text) });
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        // An empty PHP array is written `[]`.
        Ok(_) => Ok(Map::new()),
        // The column ends before a letter that does not fit whole.
        Err(error) if error.is_eof() && is_full(params) => Err(ParamsError::CutOff(params.len())),
        Err(error) => {
            Err(ParamsError::NotJson(format!("line {}, column {}", error.line(), error.column())))
        }
    }
}

/// The most bytes a column of the type TEXT holds.
const WIDEST: usize = 65_535;

/// Whether a text fills its column to the last letter.
#[must_use]
pub fn is_full(params: &str) -> bool {
    (WIDEST - 3..=WIDEST).contains(&params.len())
}

/// Whether a text nearly fills its column.
#[must_use]
pub fn is_nearly_full(params: &str) -> bool {
    (WIDEST - WIDEST / 10..=WIDEST).contains(&params.len())
}

/// Whether a text breaks off at the end of its column.
#[must_use]
pub fn is_cut_off(params: &str) -> bool {
    matches!(registry(params), Err(ParamsError::CutOff(_)))
}

fn ini(text: &str) -> Map<String, Value> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with([';', '#']))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            let value = value.trim().trim_matches('"').replace("\\n", "\n");
            (name.trim().to_owned(), Value::String(value))
        })
        .collect()
}

fn option<'a>(
    map: &'a Map<String, Value>,
    label: &'static str,
    fixed: Option<&str>,
    likely: &[&str],
) -> Option<FoundOption<'a>> {
    let (name, value) = match fixed {
        Some(name) => map.get_key_value(name),
        None => likely.iter().find_map(|name| map.iter().find(|(key, _)| plain(key) == *name)),
    }?;
    Some((label, name.as_str(), value))
}

/// Names are compared without case, `_` and `-`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Saved forms hold strings; rows written by code may hold numbers or lists of lines.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(lines) => lines.iter().map(text_of).collect::<Vec<_>>().join("\n"),
        Value::Bool(_) | Value::Null | Value::Object(_) => String::new(),
    }
}

fn quoted(labels: &[&str]) -> String {
    labels.iter().map(|label| format!("\"{label}\"")).collect::<Vec<_>>().join(", ")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
