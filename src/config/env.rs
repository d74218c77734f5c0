//! The environment as a source: `JBRIDGE_<SECTION>_<KEY>`.
//!
//! Values are read as text: a password `0123` stays `0123`. An empty variable counts as not set,
//! because container platforms pass unset variables as empty ones. Secrets can also come from a
//! file; its name is in the variable with `_FILE` appended.

use std::ffi::OsString;
use std::path::Path;

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::problem::Problem;
use super::problem::ValuePlace;
use super::section::{ConfigKey, ValueKind};
use super::source_names::ENVIRONMENT;
pub use super::source_names::{PREFIX, variable};
use super::{keys, unknown};
use crate::named_file::{self, SECRET};

/// Variables with our prefix that are not keys; they are read before the configuration.
const NOT_KEYS: &[&str] = &["JBRIDGE_CONFIG"];

/// The values found in the environment.
#[derive(Debug)]
pub struct Env(Dict);

impl Env {
    /// Reads the given variables; an empty one counts as not set. Adds a problem for a variable
    /// without a key, an invalid number, and a secret's file that cannot be read.
    pub fn read(
        variables: impl Iterator<Item = (OsString, OsString)>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut found = Dict::new();
        for (name, content) in variables {
            let name = name.to_string_lossy();
            if !name.starts_with(PREFIX) || NOT_KEYS.contains(&name.as_ref()) {
                continue;
            }
            let Some(meant) = Meant::by(&name) else {
                problems.push(unknown::variable(&name));
                continue;
            };
            if content.is_empty() {
                continue;
            }
            match meant.value(content) {
                Ok(value) => {
                    let entry = found.entry(meant.section.into());
                    if let Value::Dict(_, keys) = entry.or_insert_with(|| Dict::new().into())
                        && keys.insert(meant.key.into(), value).is_some()
                    {
                        let what = "it is set with `_FILE` appended to its name, too";
                        problems.push(meant.problem(&name, what, "unset one of the two"));
                    }
                }
                Err((what, advice)) => problems.push(meant.problem(&name, &what, advice)),
            }
        }
        Self(found)
    }
}

/// The key that a variable sets.
struct Meant {
    section: &'static str,
    key: &'static str,
    kind: ValueKind,
    in_file: bool,
}

impl Meant {
    fn by(name: &str) -> Option<Self> {
        keys().find_map(|(section, ConfigKey { name: key, kind, .. })| {
            let plain = variable(section, key);
            let in_file = kind == ValueKind::Secret && name == format!("{plain}_FILE");
            (name == plain || in_file).then_some(Self { section, key, kind, in_file })
        })
    }

    fn problem(&self, name: &str, what: &str, advice: &str) -> Problem {
        let key = format!("{}.{}", self.section, self.key);
        Problem::new(key, what, advice).in_place(ValuePlace::Variable(name.to_owned()))
    }

    fn value(&self, content: OsString) -> Result<Value, Misfit> {
        if self.in_file {
            return secret(Path::new(&content)).map(Value::from);
        }
        let wrong = |what: &str, advice| Err((what.to_owned(), advice));
        let Ok(text) = content.into_string() else {
            return wrong("it is not UTF-8", "write it in UTF-8");
        };
        // The text stays out of the messages: it could be a secret in the wrong variable.
        match self.kind {
            ValueKind::Text | ValueKind::Secret => Ok(text.into()),
            ValueKind::Number => match text.trim().parse::<u64>() {
                Ok(number) => Ok(number.into()),
                Err(_) => wrong("it is no whole number", "write digits only"),
            },
            ValueKind::Flag => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true.into()),
                "false" | "no" | "off" | "0" => Ok(false.into()),
                _ => wrong("it is neither `true` nor `false`", "write one of them"),
            },
            ValueKind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(items.map(Value::from).collect::<Vec<_>>().into())
            }
            ValueKind::Table => {
                wrong("a table can only stand in the configuration file", "write it there")
            }
        }
    }
}

/// The problem and the remedy.
type Misfit = (String, &'static str);

fn secret(path: &Path) -> Result<String, Misfit> {
    let content = named_file::read_text(path, SECRET).map_err(|error| {
        let what = format!("cannot read the file `{}`: {error}", path.display());
        (what, "correct its path or rights")
    })?;
    // Editors and `echo` end a file with a newline, which does not belong to the secret.
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
