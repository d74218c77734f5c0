//! `serve`: answers for a Joomla site until it is told to stop.

use std::io::Write;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::Verdict;
use super::logging;
use super::site_options::SiteOptions;
use crate::app::App;

/// Serve a Joomla site: its users, its settings, its packages.
///
/// Nothing is written to Joomla's tables. Database, mail settings and secret are read from its
/// configuration.php, packages and package groups from the plugin's settings in the database. What
/// neither holds is the formula of the license keys: copy it from the plugin (`--recipe`).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Serve {
    #[command(flatten)]
    site: SiteOptions,
    /// Address to listen on: `host:port`, `unix:/path` or `systemd`
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge serve --config /etc/jbackend-bridge.toml
  jbackend-bridge serve --joomla-root /var/www/html --recipe 'md5($email . $group . $hash)'

Every key of the configuration file can also be set by an environment variable, for example
`port` in `[database]` by JBRIDGE_DATABASE_PORT. Flags win over variables, variables over the
file, the file over configuration.php.";

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<Verdict> {
        let config = self.site.load(self.listen)?;
        logging::start(&config.log)?;
        let app = App::start(&config).await?;
        let addresses = app.addresses();
        until_stopped(app, &format!("listening on {}\n", addresses.join(", "))).await?;
        Ok(Verdict::Yes)
    }
}

/// Says on standard output what is served, and answers until SIGTERM or Ctrl-C.
pub(super) async fn until_stopped(app: App, announcement: &str) -> anyhow::Result<()> {
    // Both are listened to before anybody can know that we are here to be stopped.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Whoever has closed our standard output still wants to be served.
    let _ = std::io::stdout().write_all(announcement.as_bytes());
    // Outside systemd there is nobody to tell.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    app.serve(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: running answers may finish");
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
    })
    .await;
    Ok(())
}
