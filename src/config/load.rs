//! Puts the sources together and reads the configuration out of them.

use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};

use super::env::Env;
use super::error::{ConfigError, Place};
use super::from_joomla::FromJoomla;
use super::{Config, unknown};

/// What the command line sets; it wins over everything.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--joomla-root`.
    pub joomla_root: Option<PathBuf>,
    /// `--recipe`.
    pub recipe: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// Loads the configuration.
///
/// # Errors
/// See [`ConfigError`]: every message names the place and says what to do.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: &Flags,
) -> Result<Config, ConfigError> {
    let mut figment = Figment::new();
    let mut text = None;
    if let Some(path) = file {
        let content = read(path)?;
        let dict = parse(path, &content)?;
        unknown::check(&dict, path, &content)?;
        figment = figment.merge(TomlFile { path: path.into(), dict });
        text = Some(content);
    }
    figment = figment.merge(Env::read(variables)?).merge(flags);

    let explain = |error: Error| explain(&error, text.as_deref());
    if let Ok(root) = figment.extract_inner::<PathBuf>("joomla.root") {
        let joomla = FromJoomla::read(&root, |key| figment.find_value(key).is_ok())?;
        figment = Figment::from(joomla).merge(figment);
    }
    figment.extract().map_err(explain)
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|reason| ConfigError::File { path: path.into(), reason })
}

fn parse(path: &Path, text: &str) -> Result<Dict, ConfigError> {
    let syntax = |error: Error| ConfigError::Syntax {
        path: path.into(),
        reason: error.kind.to_string().trim().to_owned(),
    };
    let mut profiles = Toml::string(text).data().map_err(syntax)?;
    Ok(profiles.remove(&Profile::Default).unwrap_or_default())
}

/// The parsed file, under its own name.
struct TomlFile {
    path: PathBuf,
    dict: Dict,
}

impl Provider for TomlFile {
    fn metadata(&self) -> Metadata {
        Metadata::from("the file", Source::File(self.path.clone()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

impl Provider for &Flags {
    fn metadata(&self) -> Metadata {
        Metadata::named("the command line")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut dict = Dict::new();
        let mut set = |section: &str, key: &str, value: Option<Value>| {
            if let Some(value) = value {
                dict.insert(section.into(), Dict::from([(key.into(), value)]).into());
            }
        };
        let root = self.joomla_root.as_ref().map(|root| root.to_string_lossy().into_owned());
        set("joomla", "root", root.map(Value::from));
        set("license", "recipe", self.recipe.clone().map(Value::from));
        set("server", "listen", self.listen.clone().map(Value::from));
        Ok(Profile::Default.collect(dict))
    }
}

/// A value that does not fit its key.
fn explain(error: &Error, text: Option<&str>) -> ConfigError {
    let path: Vec<_> =
        error.path.iter().filter(|part| *part != "default").map(String::as_str).collect();
    let place = match error.metadata.as_ref() {
        None => Place::Named("the configuration".into()),
        Some(metadata) => match (&metadata.source, path.as_slice()) {
            (Some(Source::File(file)), [section, rest @ ..]) => {
                let line =
                    text.and_then(|text| unknown::line_of(text, section, rest.first().copied()));
                Place::File(file.clone(), line)
            }
            (Some(Source::File(file)), []) => Place::File(file.clone(), None),
            _ => Place::Named(metadata.name.to_string()),
        },
    };
    ConfigError::Value { key: path.join("."), place, reason: without_value(error) }
}

/// figment's messages quote the value that was found, which may be a secret.
fn without_value(error: &Error) -> String {
    use figment::error::{Actual, Kind};
    match &error.kind {
        Kind::InvalidType(actual, expected) => {
            let found = match actual {
                Actual::Bool(_) => "a boolean",
                Actual::Unsigned(_) | Actual::Signed(_) => "a number",
                Actual::Float(_) => "a decimal number",
                Actual::Char(_) | Actual::Str(_) => "a text",
                Actual::Seq => "a list",
                Actual::Map => "a table",
                _ => "something else",
            };
            format!("found {found}, expected {expected}")
        }
        other => other.to_string(),
    }
}
