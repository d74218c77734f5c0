//! Puts the sources together and reads the configuration from them.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};

use super::env::Env;
use super::error::ConfigError;
use super::explain::explain;
use super::from_joomla::{FieldOrigins, FromJoomla};
use super::origin::{self, SetValue};
use super::problem::ValuePlace;
use super::problem::{Problem, Problems};
use super::read::Reader;
use super::source_names::{COMMAND_LINE, FILE, FLAGS};
use super::{Config, from_joomla, unknown};
use crate::named_file::{self, SETTINGS};
use crate::told::told;

/// The values of the command line; they win over all others.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--joomla-root`.
    pub joomla_root: Option<PathBuf>,
    /// `--recipe`.
    pub recipe: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// A configuration with any of these names a site.
const SITES: [&str; 4] = ["joomla.root", "database.url", "database.host", "database.socket"];

/// Loads the configuration.
///
/// # Errors
/// See [`ConfigError`]: every message names the place and the remedy.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: &Flags,
) -> Result<Config, ConfigError> {
    load_with_origins(file, variables, flags).map(|loaded| loaded.config)
}

/// The configuration, and the source of each of its values.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Every value that is not a default, in the order of `config.example.toml`.
    pub values: Vec<SetValue>,
}

/// Loads the configuration as [`load`] does, with the source of each value.
///
/// # Errors
/// See [`load`].
pub fn load_with_origins(
    file: Option<&Path>,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: &Flags,
) -> Result<Loaded, ConfigError> {
    let mut problems = Vec::new();
    let variables: Vec<_> = variables.collect();
    let mut figment = Figment::from(StateDirectory::of(&variables));
    let mut text = None;
    if let Some(path) = file {
        let content = read(path)?;
        let dict = parse(path, &content)?;
        unknown::check(&dict, path, &content, &mut problems);
        figment = figment.merge(TomlFile { path: path.into(), dict });
        text = Some(content);
    }
    figment = figment.merge(Env::read(variables.into_iter(), &mut problems)).merge(flags);
    if let Some(folder) = folder_of_named_file(&figment) {
        figment = figment.merge(("joomla.root", folder));
    }

    let mut fields = FieldOrigins::new();
    if let Ok(root) = figment.extract_inner::<PathBuf>("joomla.root") {
        match FromJoomla::read(&root, &figment, &mut problems) {
            Ok(joomla) => {
                fields.clone_from(joomla.fields());
                figment = Figment::from(joomla).merge(figment);
            }
            Err(problem) => problems.push(problem),
        }
    }
    let mut errors = Vec::new();
    let config = Config::read(&mut Reader::new(&figment, &mut errors));
    problems.extend(errors.iter().map(|error| explain(error, text.as_deref())));
    if !problems.is_empty() {
        return Err(ConfigError::Unreadable {
            problems: Problems(problems),
            rest: Some(Box::new(config)),
        });
    }
    if SITES.iter().all(|key| figment.find_value(key).is_err()) {
        return Err(file.map_or(ConfigError::NoSite, |file| ConfigError::NoSiteIn(file.into())));
    }
    Ok(Loaded { config, values: origin::values(&figment, text.as_deref(), &fields) })
}

/// Returns the site's folder, if `joomla.root` names the configuration.php in it.
fn folder_of_named_file(figment: &Figment) -> Option<PathBuf> {
    let root = figment.extract_inner::<PathBuf>("joomla.root").ok()?;
    let is_file = root.file_name().is_some_and(|name| name == from_joomla::NAME) && !root.is_dir();
    is_file.then(|| root.parent().map(Path::to_owned)).flatten()
}

fn read(path: &Path) -> Result<String, ConfigError> {
    named_file::read_text(path, SETTINGS).map_err(|reason| {
        let what = format!("cannot read the configuration file `{}`: {reason}", path.display());
        let advice = match reason.kind() {
            io::ErrorKind::InvalidData => "save it as UTF-8",
            _ => "correct its path or rights",
        };
        Problem::new("", what, advice).as_sentence().into()
    })
}

fn parse(path: &Path, text: &str) -> Result<Dict, ConfigError> {
    // The parser's whole message quotes the line, which may contain a secret.
    let text = text.trim_start_matches('\u{feff}');
    Toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        let written = line.and_then(|line| text.lines().nth(line.saturating_sub(1)));
        let reason = error.message().trim().replace('\n', ", ");
        let place = ValuePlace::File(path.into(), line);
        let hint = quotes_hint(written.unwrap_or_default());
        let told = told!("{place} cannot be read as TOML: {reason}: correct it"; "{hint}");
        Problem::told("", told).in_place(place).as_sentence().into()
    })
}

/// Returns how to write the text in a line: a formula that contains quotes needs other quotes
/// around it.
fn quotes_hint(line: &str) -> &'static str {
    let value = line.split_once('=').map_or("", |(_, value)| value);
    match (value.matches('"').count(), value.matches('\'').count()) {
        (3.., 1..) | (1.., 3..) => "put a text that holds `'` and `\"` between `'''` and `'''`",
        (3.., 0) => "put a text that holds `\"` between `'` and `'`",
        (0, 3..) => "put a text that holds `'` between `\"` and `\"`, or between `'''` and `'''`",
        _ => "put text values between quotes",
    }
}

/// The parsed file, as a source with its own name.
struct TomlFile {
    path: PathBuf,
    dict: Dict,
}

impl Provider for TomlFile {
    fn metadata(&self) -> Metadata {
        Metadata::from(FILE, Source::File(self.path.clone()))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.dict.clone()))
    }
}

/// The folder that systemd made for the service, if its unit sets one. Files that the bridge
/// remembers are kept in it, unless the operator names others.
struct StateDirectory(Option<PathBuf>);

/// systemd's name for it; colons separate several folders.
const STATE_DIRECTORY: &str = "STATE_DIRECTORY";

impl StateDirectory {
    fn of(variables: &[(OsString, OsString)]) -> Self {
        let value = variables.iter().find(|(name, _)| name == STATE_DIRECTORY);
        let value = value.map(|(_, value)| value.to_string_lossy());
        let first = value.as_ref().and_then(|value| value.split(':').next());
        Self(first.filter(|folder| folder.starts_with('/')).map(PathBuf::from))
    }
}

impl Provider for StateDirectory {
    fn metadata(&self) -> Metadata {
        Metadata::named("systemd's state directory")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut dict = Dict::new();
        if let Some(folder) = &self.0 {
            let file = folder.join("checksums").to_string_lossy().into_owned();
            let keys = Dict::from([("checksum_file".to_owned(), file.into())]);
            dict.insert("updates".into(), keys.into());
            let url = format!("sqlite:{}", folder.join("bridge.db").to_string_lossy());
            dict.insert("ledger".into(), Dict::from([("url".to_owned(), url.into())]).into());
            let copies = folder.join("releases").to_string_lossy().into_owned();
            dict.insert(
                "releases".into(),
                Dict::from([("folder".to_owned(), copies.into())]).into(),
            );
        }
        Ok(Profile::Default.collect(dict))
    }
}

impl Provider for &Flags {
    fn metadata(&self) -> Metadata {
        Metadata::named(COMMAND_LINE)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let root = self.joomla_root.as_ref().map(|root| root.to_string_lossy().into_owned());
        let values = [root, self.recipe.clone(), self.listen.clone()];
        let mut dict = Dict::new();
        for ((_, section, key), value) in FLAGS.iter().zip(values) {
            if let Some(value) = value {
                dict.insert((*section).into(), Dict::from([((*key).into(), value.into())]).into());
            }
        }
        Ok(Profile::Default.collect(dict))
    }
}
