//! The reason why the service does not start, for the operator.

use crate::config::problem::{Problem, Problems};
use crate::http::listener::ListenError;
use crate::site::settings::SettingsError;
use crate::store::StoreError;
use crate::told::{Tell, tells, told};

/// The reason why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The database cannot be reached or does not answer as a Joomla site's database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin's settings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The menu gives no end-point, because the account may not read it.
    #[error("{}", self.told())]
    MenuIsHidden,
    /// The menu gives no end-point.
    #[error("{}", self.told())]
    NoEndpoint,
    /// No socket can be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No socket can be opened for the admin listener.
    #[error("{}", self.told())]
    Admin {
        /// As configured.
        address: String,
        /// The system's error.
        reason: std::io::Error,
    },
}

tells!(Tell for StartError {
    Self::Config(error) => error.told(),
    Self::Store(error) => error.told(),
    Self::Settings(error) => error.told(),
    Self::MenuIsHidden => told!(
        "no end-point: the site's menu may not be read";
        "grant the account SELECT on the table (`sql/grants.sql`), or name the end-point's path in \
         the configuration: `[[endpoints]]` with `path = \"packages\"`"
    ),
    Self::NoEndpoint => told!(
        "no end-point: the site's menu has no published item of type jBackend that guests may see";
        "publish one in Joomla, or name its path in the configuration: `[[endpoints]]` with `path = \
         \"packages\"`"
    ),
    Self::Listen(error) => error.told(),
    Self::Admin { address, reason } => told!(
        "cannot open the admin listener on `{address}`: {reason}" =>
        "choose another `listen` in `[admin]`"
    ),
});

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Config(problem.into())
    }
}
