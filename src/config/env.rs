//! The environment as a source: `JBRIDGE_<SECTION>_<KEY>`.
//!
//! Values are taken as text: a password `0123` stays `0123`. An empty variable counts as not set, as
//! container platforms write those nobody filled in. Secrets can also come from a file
//! named by the variable with `_FILE` appended.

use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::error::{ConfigError, ValuePlace};
use super::section::{ConfigKey, ValueKind};
use super::source_names::ENVIRONMENT;
pub use super::source_names::{PREFIX, variable};
use super::{outline, unknown};
use crate::named_file::{self, SECRET};

/// Variables that are no keys of ours but start like them: read before the configuration is.
const NOT_KEYS: &[&str] = &["JBRIDGE_CONFIG"];

/// The values found in the environment.
#[derive(Debug)]
pub struct Env(Dict);

impl Env {
    /// Reads the variables given. An empty one counts as not set.
    ///
    /// # Errors
    /// A variable that fits no key, a number that is none, a secret's file that cannot be read.
    pub fn read(
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut found = Dict::new();
        for (name, content) in variables {
            let name = name.to_string_lossy();
            if !name.starts_with(PREFIX) || NOT_KEYS.contains(&name.as_ref()) {
                continue;
            }
            let meant = Meant::by(&name)?;
            if content.is_empty() {
                continue;
            }
            let wrong = |reason: String| ConfigError::Value {
                key: format!("{}.{}", meant.section, meant.key),
                place: ValuePlace::Variable(name.clone().into_owned()),
                reason,
            };
            let value = meant.value(content).map_err(wrong)?;
            let entry = found.entry(meant.section.into()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, keys) = entry
                && keys.insert(meant.key.into(), value).is_some()
            {
                let both = "it is set with `_FILE` appended to its name, too: unset one of the two";
                return Err(wrong(both.into()));
            }
        }
        Ok(Self(found))
    }
}

/// The key a variable sets.
struct Meant {
    section: &'static str,
    key: &'static str,
    kind: ValueKind,
    in_file: bool,
}

impl Meant {
    fn by(name: &str) -> Result<Self, ConfigError> {
        for section in outline() {
            for key in section.keys {
                let plain = variable(section.name, key.name);
                let in_file = key.kind == ValueKind::Secret && name == format!("{plain}_FILE");
                if name == plain || in_file {
                    let ConfigKey { name: key, kind, .. } = key;
                    return Ok(Self { section: section.name, key, kind, in_file });
                }
            }
        }
        Err(unknown::variable(name))
    }

    fn value(&self, content: OsString) -> Result<Value, String> {
        if self.in_file {
            return secret(Path::new(&content)).map(Value::from);
        }
        let text = content.into_string().map_err(|_| "it is not UTF-8: write it in UTF-8")?;
        // The text stays out of the messages: it may be a secret in the wrong variable.
        match self.kind {
            ValueKind::Text | ValueKind::Secret => Ok(text.into()),
            ValueKind::Number => match text.trim().parse::<u64>() {
                Ok(number) => Ok(number.into()),
                Err(_) => Err("it is no whole number: write digits only".into()),
            },
            ValueKind::Flag => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true.into()),
                "false" | "no" | "off" | "0" => Ok(false.into()),
                _ => Err("it is neither `true` nor `false`: write one of them".into()),
            },
            ValueKind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(items.map(Value::from).collect::<Vec<_>>().into())
            }
            ValueKind::Table => {
                Err("a table can only stand in the configuration file: write it there".into())
            }
        }
    }
}

fn secret(path: &Path) -> Result<String, String> {
    let content = named_file::read_text(path, SECRET).map_err(|error| {
        format!("cannot read the file `{}`: {error}: correct its path or rights", path.display())
    })?;
    // Editors and `echo` end a file with a newline that is no part of the secret.
    let secret = content.strip_suffix('\n').unwrap_or(&content);
    Ok(secret.strip_suffix('\r').unwrap_or(secret).to_owned())
}

impl Provider for Env {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}
