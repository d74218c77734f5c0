//! `serve`: answers for a Joomla site until it is told to stop.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;

use super::Verdict;
use super::logging::{self, LogLevel};
use super::site_options::SiteOptions;
use crate::app::{App, Reloader};
use crate::supervise::{self, Rounds, Task};

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

At SIGHUP the configuration is read again, and nobody is disconnected:
  kill -HUP <process>        systemctl reload jbackend-bridge

Every key of the configuration file can also be set by an environment variable, for example
`port` in `[database]` by JBRIDGE_DATABASE_PORT. Flags win over variables, variables over the
file, the file over configuration.php.";

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<Verdict> {
        // Before anybody can know that we are here: a signal nobody listens to ends the program.
        let hangups = signal(SignalKind::hangup())?;
        supervise::keep_panics_quiet();
        let config = self.site.load(self.listen.clone())?;
        let (log, _written_to_the_end) = logging::start_beside(&config.log)?;
        let app = App::start(&config).await?;
        let admin = app.admin_address();
        let admin = admin.map(|address| format!("admin listener on {address}\n"));
        let announcement =
            format!("{}listening on {}\n", admin.unwrap_or_default(), app.addresses().join(", "));
        let reload = Arc::new((self, Mutex::new(hangups), app.reloader(), log));
        let tasks = app.reloader().tasks().clone();
        let reloads = tokio::spawn(tasks.keep(Task::Reload, move |rounds| {
            let reload = Arc::clone(&reload);
            async move {
                let (serve, hangups, reloader, log) = &*reload;
                serve.reload_at(&mut *hangups.lock().await, reloader, log, &rounds).await;
            }
        }));
        until_stopped(app, &announcement).await?;
        reloads.abort();
        Ok(Verdict::Yes)
    }

    /// Reads the configuration again at every SIGHUP. What makes no sense leaves the old in force.
    async fn reload_at(
        &self,
        hangups: &mut Signal,
        reloader: &Reloader,
        log: &LogLevel,
        rounds: &Rounds,
    ) {
        loop {
            rounds.begin();
            if hangups.recv().await.is_none() {
                return;
            }
            // Outside systemd there is nobody to tell.
            if let Ok(now) = NotifyState::monotonic_usec_now() {
                let _ = sd_notify::notify(&[NotifyState::Reloading, now]);
            }
            let outcome = self.reload(reloader, log).await;
            reloader.count(outcome.is_ok());
            let _ = sd_notify::notify(&[NotifyState::Ready]);
            match outcome {
                Ok(()) => tracing::info!("reloaded: the new configuration is in force"),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "not reloaded: the old configuration stays in force");
                }
            }
        }
    }

    async fn reload(&self, reloader: &Reloader, log: &LogLevel) -> anyhow::Result<()> {
        let config = self.site.load(self.listen.clone())?;
        let level = logging::filter(&config.log)?;
        reloader.reload(&config).await?;
        log.set(level);
        Ok(())
    }
}

/// Says on standard output what is served, and answers until SIGTERM or Ctrl-C.
pub(super) async fn until_stopped(app: App, announcement: &str) -> anyhow::Result<()> {
    // Both are listened to before anybody can know that we are here to be stopped.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Outside systemd there is nobody to tell. Before anybody can know that we are here to be
    // reloaded: a reload says that it has begun, and then the same again.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    // Whoever has closed our standard output still wants to be served.
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
