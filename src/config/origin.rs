//! Finds the source of each value of the configuration, for the operator.
//!
//! Called when the configuration is loaded. Values that may be secret are never shown, only that
//! they are set: secrets, and the formulas and lines that contain seeds.

use figment::Figment;
use figment::value::Value;

use super::explain::source;
use super::from_joomla::FieldOrigins;
use super::keys;
use super::problem::ValuePlace;
use super::section::{ValueKind, holds_seeds};
use crate::mask::printable;

/// A value that is not a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetValue {
    /// `section.key`.
    pub key: String,
    /// The kind of its values.
    pub kind: ValueKind,
    /// The value as it may be shown: `(set)` instead of a secret.
    pub shown: String,
    /// The value is a secret.
    pub is_secret: bool,
    /// The source that won.
    pub place: ValuePlace,
    /// The field of `configuration.php`, if the value is from there.
    pub field: Option<&'static str>,
}

/// Longer lists are only counted.
const LONGEST_LIST: usize = 60;

/// Returns all values that are set; `text` is the text of the configuration file, `fields` are
/// Joomla's.
pub(super) fn values(
    figment: &Figment,
    text: Option<&str>,
    fields: &FieldOrigins,
) -> Vec<SetValue> {
    let keys = keys().map(|(section, key)| (format!("{section}.{}", key.name), key.kind));
    keys.chain(["endpoints", "signing"].map(|list| (list.to_owned(), ValueKind::Table)))
        .filter_map(|(key, kind)| value(figment, text, fields, key, kind))
        .collect()
}

fn value(
    figment: &Figment,
    text: Option<&str>,
    fields: &FieldOrigins,
    key: String,
    kind: ValueKind,
) -> Option<SetValue> {
    let value = figment.find_value(&key).ok()?;
    let metadata = figment.get_metadata(value.tag())?;
    let path: Vec<&str> = key.split('.').collect();
    let from_joomla = metadata.name == super::from_joomla::NAME;
    let field = fields.get(&key).filter(|_| from_joomla);
    let place = match (source(metadata, &path, text), field) {
        (ValuePlace::File(file, None), Some((_, line))) => ValuePlace::File(file, *line),
        (place, _) => place,
    };
    let is_veiled = key.split_once('.').is_some_and(|(section, key)| holds_seeds(section, key));
    let is_secret = kind == ValueKind::Secret || is_veiled;
    let shown = if is_secret { veiled(&value) } else { shown(&value) };
    Some(SetValue { kind, shown, is_secret, place, field: field.map(|(field, _)| *field), key })
}

fn veiled(value: &Value) -> String {
    match value {
        Value::String(_, text) if text.is_empty() => "(empty)".into(),
        Value::Array(_, items) => format!("({} set)", items.len()),
        _ => "(set)".into(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        // A URL with a password, although it should have none.
        Value::String(_, text) if text.contains("://") && text.contains('@') => "(set)".into(),
        Value::String(_, text) => printable(text),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => {
            let whole = number.to_i128().map(|number| number.to_string());
            whole.or_else(|| number.to_u128().map(|number| number.to_string())).unwrap_or_default()
        }
        Value::Array(_, items) => match items.iter().map(word).collect::<Option<Vec<_>>>() {
            Some(words) if words.iter().map(|word| word.len()).sum::<usize>() <= LONGEST_LIST => {
                words.join(", ")
            }
            _ => entries(items.len()),
        },
        Value::Dict(_, entries) => entries.keys().cloned().collect::<Vec<_>>().join(", "),
        Value::Char(..) | Value::Empty(..) => String::new(),
    }
}

fn entries(number: usize) -> String {
    if number == 1 { "(1 entry)".into() } else { format!("({number} entries)") }
}

fn word(value: &Value) -> Option<&str> {
    value.as_str()
}
