//! Declares the sections of the configuration. One list makes the type, its defaults, the text of
//! `config.example.toml`, the names of the environment variables and the check for unknown keys.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use super::read::Reader;

/// The kind of a key's value: it decides how text from the environment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text, read literally.
    Text,
    /// Text that may also be read from a file named by the variable with `_FILE` appended.
    Secret,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list; commas separate its items in an environment variable.
    List,
    /// A table; only in the file.
    Table,
}

/// A key of a section, for code that lists keys.
#[derive(Debug, Clone)]
pub struct ConfigKey {
    /// Its name.
    pub name: &'static str,
    /// Its meaning, line by line.
    pub doc: &'static [&'static str],
    /// The kind of its value.
    pub kind: ValueKind,
    /// A line of TOML for the example file: the default, or a made-up value.
    pub example: String,
}

/// A section of the configuration.
pub trait Section: Default {
    /// Its name in the file.
    const NAME: &'static str;
    /// The meaning of the section.
    const DOC: &'static [&'static str];
    /// Its keys, in the order of the declaration.
    fn keys() -> Vec<ConfigKey>;
    /// Reads each key; a key that cannot be read gets its default.
    fn read(reader: &mut Reader<'_>) -> Self;
}

/// A type that a key can have.
pub trait Setting {
    /// The kind of the value.
    const KIND: ValueKind;
    /// Returns the value as TOML; `None` if it has no such form.
    fn toml(&self) -> Option<String>;
}

impl Setting for String {
    const KIND: ValueKind = ValueKind::Text;
    fn toml(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl Setting for PathBuf {
    const KIND: ValueKind = ValueKind::Text;
    fn toml(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl Setting for SecretString {
    const KIND: ValueKind = ValueKind::Secret;
    fn toml(&self) -> Option<String> {
        None
    }
}

impl Setting for u64 {
    const KIND: ValueKind = ValueKind::Number;
    fn toml(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for bool {
    const KIND: ValueKind = ValueKind::Flag;
    fn toml(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Setting for Vec<String> {
    const KIND: ValueKind = ValueKind::List;
    fn toml(&self) -> Option<String> {
        let items: Vec<_> = self.iter().map(|item| quoted(item)).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

impl<T> Setting for BTreeMap<String, T> {
    const KIND: ValueKind = ValueKind::Table;
    fn toml(&self) -> Option<String> {
        None
    }
}

impl<T: Setting> Setting for Option<T> {
    const KIND: ValueKind = T::KIND;
    fn toml(&self) -> Option<String> {
        self.as_ref().and_then(Setting::toml)
    }
}

/// Returns whether the key is a formula or a line that contains seeds of license keys. Its value is
/// not shown.
pub(super) fn holds_seeds(section: &str, key: &str) -> bool {
    match section {
        "release" => key == "groups",
        "license" => ["recipe", "accepted_recipes", "accepted_hashes"].contains(&key),
        _ => false,
    }
}

/// Writes a basic TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Implements [`Setting`] for a type that is written as one word or one structure.
macro_rules! setting {
    ($type:ty, $kind:ident) => {
        impl crate::config::section::Setting for $type {
            const KIND: crate::config::section::ValueKind =
                crate::config::section::ValueKind::$kind;
            fn toml(&self) -> Option<String> {
                None
            }
        }
    };
}

/// Implements `Deserialize` through `FromStr`; problem and remedy stay separate.
macro_rules! from_text {
    ($($type:ty),+) => {
        $(impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                use serde::de::{Error, Unexpected};
                let text = String::deserialize(from)?;
                text.parse().map_err(|crate::told::Told { what, advice, .. }| {
                    let advice = advice.unwrap_or_default();
                    D::Error::invalid_value(Unexpected::Other(&what), &advice.as_str())
                })
            }
        })+
    };
}

/// Declares a section: a struct in which every key has a meaning, a type, a default and, behind
/// `=>`, the value for the example file (otherwise the default).
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $name:literal $section:ident {
            $(
                $(#[doc = $key_doc:literal])+
                $key:ident: $type:ty = $default:expr $(=> $example:literal)?;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        ///
        /// `Debug` shows no seed of license keys.
        #[derive(Clone)]
        pub struct $section {
            $( $(#[doc = $key_doc])+ pub $key: $type, )+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        impl std::fmt::Debug for $section {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = out.debug_struct(stringify!($section));
                $(
                    if crate::config::section::holds_seeds($name, stringify!($key)) {
                        shown.field(stringify!($key), &format_args!("REDACTED"));
                    } else {
                        shown.field(stringify!($key), &self.$key);
                    }
                )+
                shown.finish()
            }
        }

        impl crate::config::section::Section for $section {
            const NAME: &'static str = $name;
            const DOC: &'static [&'static str] = &[$($doc),+];
            fn keys() -> Vec<crate::config::section::ConfigKey> {
                use crate::config::section::{ConfigKey, Setting};
                let defaults = Self::default();
                vec![$(
                    ConfigKey {
                        name: stringify!($key),
                        doc: &[$($key_doc),+],
                        kind: <$type as Setting>::KIND,
                        example: None::<String>
                            $(.or_else(|| Some(String::from($example))))?
                            .or_else(|| defaults.$key.toml())
                            .unwrap_or_default(),
                    },
                )+]
            }
            fn read(reader: &mut crate::config::read::Reader<'_>) -> Self {
                reader.section($name);
                Self { $( $key: reader.key($name, stringify!($key)).unwrap_or_else(|| $default), )+ }
            }
        }
    };
}

pub(super) use {from_text, section, setting};
