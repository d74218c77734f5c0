//! The reasons why no configuration can be used, for the operator.

use std::path::PathBuf;

use super::Config;
use super::problem::{Problem, Problems};
use crate::told::{tells, told};

/// The reason why the configuration cannot be used. Messages contain no value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Values, or a whole source, that cannot be read.
    Unreadable {
        /// The problems, in the order of the sources.
        problems: Problems,
        /// The values that can be read, with defaults instead of the others; `None` if a whole
        /// source cannot be read.
        rest: Option<Box<Config>>,
    },
    /// No source names a site.
    NoSite,
    /// There is a configuration file, but no source names a site.
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
