//! The options that name a site; all subcommands that look at one have them.

use std::path::PathBuf;

use clap::Args;

use super::output::Format;

use crate::config::{Config, ConfigError, Flags, Loaded, load_with_origins};

/// Which site.
#[derive(Debug, Clone, Args)]
pub(super) struct SiteFiles {
    /// Configuration file (TOML); config.example.toml explains every key
    #[arg(long, short, value_name = "FILE", env = "JBRIDGE_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Folder of the Joomla site, where configuration.php is
    #[arg(long, value_name = "DIR")]
    joomla_root: Option<PathBuf>,
}

impl SiteFiles {
    /// Whether an option names a site; the environment still may.
    pub(super) fn is_named(&self) -> bool {
        self.config.is_some() || self.joomla_root.is_some()
    }

    /// The configuration they lead to.
    pub(super) fn load(&self) -> Result<Config, ConfigError> {
        self.load_with(Flags::default()).map(|loaded| loaded.config)
    }

    fn load_with(&self, flags: Flags) -> Result<Loaded, ConfigError> {
        let flags = Flags { joomla_root: self.joomla_root.clone(), ..flags };
        load_with_origins(self.config.as_deref(), std::env::vars_os(), &flags)
    }
}

/// The options of a command that prints a result about a site.
#[derive(Debug, Args)]
pub(super) struct ResultOptions {
    #[command(flatten)]
    pub(super) format: Format,
    #[command(flatten, next_help_heading = "The site")]
    pub(super) site: SiteFiles,
}

/// Which site, and how its license keys are made.
#[derive(Debug, Clone, Args)]
pub(super) struct SiteOptions {
    #[command(flatten)]
    files: SiteFiles,
    /// Formula of the license keys as it stands in the site's plugin; `default` on a site that has
    /// issued no keys yet
    #[arg(long, value_name = "PHP")]
    recipe: Option<String>,
}

impl SiteOptions {
    /// Loads the configuration that the options name; `listen` is the value of `--listen`, if
    /// given.
    pub(super) fn load(&self, listen: Option<String>) -> Result<Config, ConfigError> {
        self.load_with_origins(listen).map(|loaded| loaded.config)
    }

    /// Loads the configuration, with the origin of each value.
    pub(super) fn load_with_origins(&self, listen: Option<String>) -> Result<Loaded, ConfigError> {
        let recipe = self.recipe.clone();
        self.files.load_with(Flags { joomla_root: None, recipe, listen })
    }
}
