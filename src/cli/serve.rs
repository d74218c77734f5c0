//! `serve`: answers for a Joomla site until it is told to stop.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;

use super::ExitVerdict;
use super::logging;
use super::named_files::NamedFiles;
use super::reloads::{self, Reloads};
use super::site_options::SiteOptions;
use crate::service::App;
use crate::service::plan::Plan;
use crate::supervise::{self, Task};

/// Serve a Joomla site: its users, its settings, its packages.
///
/// Of Joomla's tables only the times of sessions in use are written.
///
/// The database, the mail settings and the secret are read from its configuration.php, packages and
/// package groups from the plugin's settings in the database. Neither holds the formula of the
/// license keys: copy it from the plugin (`--recipe`).
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

At SIGHUP the configuration is read again, and nobody is disconnected; by itself it is when
configuration.php or another file it names has changed:
  kill -HUP <process>        systemctl reload jbackend-bridge

Every key of the configuration file can also be set by an environment variable, for example
`port` in `[database]` by JBRIDGE_DATABASE_PORT. Flags win over variables, variables over the
file, the file over configuration.php.";

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        // Register before the start is announced: an unhandled SIGHUP ends the program.
        let hangups = signal(SignalKind::hangup())?;
        supervise::keep_panics_quiet();
        let config = self.site.load(self.listen.clone())?;
        // Record the files before they are read.
        let named = NamedFiles::of(&config);
        let plan = Arc::new(Plan::of(&config)?);
        let (log, _written_to_the_end) = logging::start_beside(&plan.log)?;
        let app = App::start_by(Arc::clone(&plan)).await?;
        let admin = app.admin_address();
        let admin = admin.map(|address| format!("admin listener on {address}\n"));
        let announcement =
            format!("{}listening on {}\n", admin.unwrap_or_default(), app.addresses().join(", "));
        let reloads = Arc::new(Mutex::new(Reloads {
            site: self.site,
            listen: self.listen,
            hangups,
            reloader: app.reloader(),
            log,
            in_force: named,
            looks: reloads::looks(&plan),
            failed: None,
        }));
        let tasks = app.reloader().tasks().clone();
        let reloads = tokio::spawn(tasks.keep(Task::Reload, move |rounds| {
            let reloads = Arc::clone(&reloads);
            async move { reloads.lock().await.run(&rounds).await }
        }));
        until_stopped(app, &announcement).await?;
        reloads.abort();
        Ok(ExitVerdict::Yes)
    }
}

/// Prints the announcement to standard output, and answers until SIGTERM or Ctrl-C.
pub(super) async fn until_stopped(app: App, announcement: &str) -> anyhow::Result<()> {
    // Register both before the start is announced.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Has no effect outside systemd. Sent before reloads are handled: a reload reports its start,
    // and then readiness again.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    // Ignore write errors: the service runs even if standard output is closed.
    let _ = std::io::stdout().write_all(announcement.as_bytes());
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
