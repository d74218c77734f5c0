//! Why there is no configuration to work with, told to the operator.

use std::path::PathBuf;

use super::Config;
use super::problem::{Problem, Problems};
use crate::told::{tells, told};

/// Why the configuration cannot be used. No message holds a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Values that cannot be read, or a whole source.
    Unreadable {
        /// What is wrong, in the order of the sources.
        problems: Problems,
        /// What can be read, with defaults in place of the rest; `None` if a whole source cannot be.
        rest: Option<Box<Config>>,
    },
    /// Nothing says which site.
    NoSite,
    /// There is a file, and nothing in it says which site.
    NoSiteIn(PathBuf),
}

tells!(ConfigError {
    Self::Unreadable { problems, .. } => problems.told(),
    Self::NoSite => told!(
        "no site is named" =>
        "give the Joomla folder with `--joomla-root DIR`, or a configuration file with `--config FILE`"
    ),
    Self::NoSiteIn(it) => told!(
        "`{}` names no site", it.display() =>
        "write the folder of your Joomla site into `root` in `[joomla]`; a line that starts with `#` \
         does not count"
    ),
});

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self::Unreadable { problems: problem.into(), rest: None }
    }
}
