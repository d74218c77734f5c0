//! Why the service does not start, for the operator.

use crate::config::ConfigError;
use crate::http::listen::ListenError;
use crate::mail::{LetterError, MailError};
use crate::site::settings::SettingsError;
use crate::store::StoreError;
use crate::updates::rules::RulesError;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be loaded.
    #[error(transparent)]
    Load(#[from] ConfigError),
    /// The configuration was loaded and makes no sense.
    #[error("{0}")]
    Config(String),
    /// The database does not answer as the site's would.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin's settings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The mail settings make no sense.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// A letter's template is broken.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// A value in `[updates]` makes no sense.
    #[error(transparent)]
    Updates(#[from] RulesError),
    /// No socket to listen on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No socket for the admin listener.
    #[error(
        "cannot open the admin listener on `{address}`: {reason}: choose another `listen` in `[admin]`"
    )]
    Admin {
        /// As configured.
        address: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A site whose plugin has issued keys, and no formula.
    #[error(
        "no license key formula: without the one of the site's plugin every key it has issued would be \
         refused. Copy the formula from the plugin's source into `recipe` in `[license]` (or \
         `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; on a site that has issued \
         no keys yet set `recipe = \"default\"`"
    )]
    NoRecipe,
}

impl StartError {
    pub(super) fn missing(key: &str, what: &str) -> Self {
        Self::Config(format!("`{key}` is not set: name {what}"))
    }
}
