//! The options that name a site; all subcommands that look at one have them.

use std::path::PathBuf;

use clap::Args;

use crate::config::{Config, ConfigError, Flags, Loaded, load_with_origins};

/// Which site, and how it is configured.
#[derive(Debug, Clone, Args)]
pub(super) struct SiteOptions {
    /// Configuration file (TOML); config.example.toml explains every key
    #[arg(long, short, value_name = "FILE", env = "JBRIDGE_CONFIG", hide_env_values = true)]
    pub(super) config: Option<PathBuf>,
    /// Folder of the Joomla site, where configuration.php is
    #[arg(long, value_name = "DIR")]
    pub(super) joomla_root: Option<PathBuf>,
    /// Formula of the license keys as it stands in the site's plugin; `default` on a site that has
    /// issued no keys yet
    #[arg(long, value_name = "PHP")]
    pub(super) recipe: Option<String>,
}

impl SiteOptions {
    /// The configuration they lead to; `listen` is what `--listen` says where there is one.
    pub(super) fn load(&self, listen: Option<String>) -> Result<Config, ConfigError> {
        self.load_with_origins(listen).map(|loaded| loaded.config)
    }

    /// The configuration, with where each value came from.
    pub(super) fn load_with_origins(&self, listen: Option<String>) -> Result<Loaded, ConfigError> {
        let Self { config, joomla_root, recipe } = self.clone();
        let flags = Flags { joomla_root, recipe, listen };
        load_with_origins(config.as_deref(), std::env::vars_os(), &flags)
    }
}
