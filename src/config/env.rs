//! The environment as a source: `JBRIDGE_<SECTION>_<KEY>`.
//!
//! Values are taken as text: a password `0123` stays `0123`. Secrets can also come from a file
//! named by the variable with `_FILE` appended, as container platforms hand them over.

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::error::{ConfigError, Place};
use super::section::Kind;
use super::{outline, unknown};

/// What all our variables start with.
pub const PREFIX: &str = "JBRIDGE_";

/// The name of the variable for a key.
#[must_use]
pub fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{}_{}", section.to_uppercase(), key.to_uppercase())
}

/// Variables that are no keys of ours but start like them: read before the configuration is.
const NOT_KEYS: &[&str] = &["JBRIDGE_CONFIG"];

/// The values found in the environment.
#[derive(Debug)]
pub struct Env(Dict);

impl Env {
    /// Reads the variables given.
    ///
    /// # Errors
    /// A variable that fits no key, a number that is none, a secret's file that cannot be read.
    pub fn read(variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut found = Dict::new();
        for (name, text) in variables.filter(|(name, _)| name.starts_with(PREFIX)) {
            if NOT_KEYS.contains(&name.as_str()) {
                continue;
            }
            let (section, key, value) = one(&name, text)?;
            let entry = found.entry(section.into()).or_insert_with(|| Dict::new().into());
            if let Value::Dict(_, keys) = entry {
                keys.insert(key.into(), value);
            }
        }
        Ok(Self(found))
    }
}

fn one(name: &str, text: String) -> Result<(&'static str, &'static str, Value), ConfigError> {
    let wrong = |key: String, reason: String| ConfigError::Value {
        key,
        place: Place::Variable(name.into()),
        reason,
    };
    for section in outline() {
        for key in section.keys {
            let plain = variable(section.name, key.name);
            let path = || format!("{}.{}", section.name, key.name);
            if name == plain {
                let value = value(key.kind, text).map_err(|reason| wrong(path(), reason))?;
                return Ok((section.name, key.name, value));
            }
            if key.kind == Kind::Secret && name == format!("{plain}_FILE") {
                let content = std::fs::read_to_string(&text).map_err(|error| {
                    wrong(path(), format!("cannot read the file `{text}`: {error}"))
                })?;
                // Editors and `echo` end a file with a newline that is no part of the secret.
                let secret = content.strip_suffix('\n').unwrap_or(&content);
                let secret = secret.strip_suffix('\r').unwrap_or(secret);
                return Ok((section.name, key.name, secret.into()));
            }
        }
    }
    Err(unknown::variable(name))
}

fn value(kind: Kind, text: String) -> Result<Value, String> {
    match kind {
        Kind::Text | Kind::Secret => Ok(text.into()),
        Kind::Number => match text.trim().parse::<u64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(format!("`{text}` is no whole number")),
        },
        Kind::Flag => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true.into()),
            "false" | "no" | "off" | "0" | "" => Ok(false.into()),
            _ => Err(format!("`{text}` is neither `true` nor `false`")),
        },
        Kind::List => Ok(text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Value::from)
            .collect::<Vec<_>>()
            .into()),
        Kind::Table => Err("a table can only stand in the configuration file".into()),
    }
}

impl Provider for Env {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}
