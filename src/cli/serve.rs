//! `serve`: answers for a Joomla site until it is told to stop.

use std::path::PathBuf;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::logging;
use crate::app::App;
use crate::config::{Flags, load};

/// Serve a Joomla site: its users, its settings, its packages.
///
/// With `--joomla-root` alone everything is read from the site's configuration.php; what it does
/// not hold is the formula of the license keys (`--recipe`).
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Configuration file; see config.example.toml
    #[arg(long, short, value_name = "FILE", env = "JBRIDGE_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the Joomla site, where configuration.php is
    #[arg(long, value_name = "DIR")]
    joomla_root: Option<PathBuf>,
    /// Formula of the license keys, as in the site's plugin, or `default`
    #[arg(long, value_name = "PHP")]
    recipe: Option<String>,
    /// Address to listen on: `host:port`, `unix:/path` or `systemd`
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let flags =
            Flags { joomla_root: self.joomla_root, recipe: self.recipe, listen: self.listen };
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let config = load(self.config.as_deref(), variables, &flags)?;
        logging::start(&config.log)?;
        let app = App::start(&config).await?;
        for address in app.addresses() {
            println!("listening on {address}");
        }
        until_stopped(app).await
    }
}

/// Answers until SIGTERM or Ctrl-C.
pub(super) async fn until_stopped(app: App) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    // Outside systemd there is nobody to tell.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    app.serve(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: running answers may finish");
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
    })
    .await;
    Ok(())
}
