//! What can be wrong with the configuration, told to the operator.

use std::path::PathBuf;

use super::joomla_php::JoomlaPhpError;

/// Why the configuration cannot be used. No message holds a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or may not be read.
    #[error("cannot read the configuration file `{path}`: {reason}: {}", advice(.reason))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// The file is no TOML.
    #[error(
        "{} cannot be read as TOML: {reason}: correct it; {hint}",
        ValuePlace::File(path.clone(), *line)
    )]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, where it is known.
        line: Option<usize>,
        /// What was expected.
        reason: String,
        /// How texts are written.
        hint: &'static str,
    },
    /// A key or section that does not exist.
    #[error("unknown {what} `{name}` in {place}{hint}")]
    Unknown {
        /// `key` or `section`.
        what: &'static str,
        /// As written.
        name: String,
        /// File and line, or the variable.
        place: ValuePlace,
        /// The likely one meant, or nothing.
        hint: String,
    },
    /// A value of the wrong kind, or one that makes no sense.
    #[error("`{key}` in {place}: {reason}")]
    Value {
        /// `section.key`.
        key: String,
        /// File, variable, flag or `configuration.php`.
        place: ValuePlace,
        /// What is wrong.
        reason: String,
    },
    /// `configuration.php` cannot be read, or not for a key that is needed.
    #[error(transparent)]
    JoomlaPhp(#[from] JoomlaPhpError),
    /// Nothing says which site.
    #[error(
        "no site is named: give the Joomla folder with `--joomla-root DIR`, or a configuration file \
         with `--config FILE`"
    )]
    NoSite,
    /// There is a file, and nothing in it says which site.
    #[error(
        "`{}` names no site: write the folder of your Joomla site into `root` in `[joomla]`; a line \
         that starts with `#` does not count",
        .0.display()
    )]
    NoSiteIn(PathBuf),
}

fn advice(reason: &std::io::Error) -> &'static str {
    match reason.kind() {
        std::io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "correct its path or rights",
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuePlace {
    /// A file, and the line where it is known.
    File(PathBuf, Option<usize>),
    /// An environment variable.
    Variable(String),
    /// Something with a name of its own: the command line, a default.
    Named(String),
}

impl std::fmt::Display for ValuePlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, None) => write!(out, "`{}`", path.display()),
            Self::File(path, Some(line)) => write!(out, "`{}`, line {line}", path.display()),
            Self::Variable(name) => write!(out, "the environment variable `{name}`"),
            Self::Named(name) => out.write_str(name),
        }
    }
}
