//! Reads the configuration again while `serve` runs: at SIGHUP, and when a file it names has
//! changed.
//!
//! If the new configuration cannot be used, the old one stays in force. A file may be half written,
//! or hold a new password that the database does not accept yet: it is tried again until it can be
//! used, with growing pauses. A failure is logged once for each content.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::Signal;
use tokio::time::{Instant, sleep};

use super::logging::LogLevel;
use super::named_files::NamedFiles;
use super::site_options::SiteOptions;
use crate::service::Reloader;
use crate::service::plan::Plan;
use crate::supervise::{self, Rounds};

/// From one look at the files to the next, unless settings are refreshed more often.
const LOOKS: Duration = Duration::from_secs(2);
/// From a failed try to the next.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Makes reloads.
pub(super) struct Reloads {
    pub(super) site: SiteOptions,
    pub(super) listen: Option<String>,
    pub(super) hangups: Signal,
    pub(super) reloader: Reloader,
    pub(super) log: LogLevel,
    /// The files as they were when the configuration in force was read.
    pub(super) in_force: NamedFiles,
    /// Between two looks.
    pub(super) looks: Duration,
    pub(super) failed: Option<Failed>,
}

/// A change that could not be taken over.
pub(super) struct Failed {
    content: NamedFiles,
    error: String,
    due: Instant,
    pause: Duration,
}

/// Between two looks under this plan.
pub(super) fn looks(plan: &Plan) -> Duration {
    LOOKS.min(plan.release.refresh)
}

impl Reloads {
    /// Makes them until it is dropped.
    pub(super) async fn run(&mut self, rounds: &Rounds) {
        loop {
            rounds.begin();
            tokio::select! {
                biased;
                hangup = self.hangups.recv() => match hangup {
                    Some(()) => self.at_hangup().await,
                    None => return,
                },
                () = sleep(self.looks) => self.at_look().await,
            }
        }
    }

    async fn at_hangup(&mut self) {
        // Outside systemd there is no notification.
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            let _ = sd_notify::notify(&[NotifyState::Reloading, now]);
        }
        let outcome = self.reload().await;
        self.reloader.count(outcome.is_ok());
        let _ = sd_notify::notify(&[NotifyState::Ready]);
        match outcome {
            Ok(()) => tracing::info!("reloaded: the new configuration is in force"),
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "not reloaded: the old configuration stays in force");
            }
        }
    }

    async fn at_look(&mut self) {
        let before = self.in_force.clone();
        let looking = supervise::blocking(move || before.look_again());
        // One that does not answer is no news.
        let Ok(Ok(now)) = looking.await else { return };
        let changed = now.changed_since(&self.in_force);
        if changed.is_empty() {
            self.failed = None;
            return;
        }
        let files: Vec<_> = changed.iter().map(|path| path.display().to_string()).collect();
        let files = files.join(", ");
        let is_same = |failed: &&Failed| now.changed_since(&failed.content).is_empty();
        let former = self.failed.take();
        let pause = match former.as_ref().filter(is_same) {
            Some(failed) if Instant::now() < failed.due => {
                self.failed = former;
                return;
            }
            Some(failed) => failed.pause.saturating_mul(2).min(LONGEST_PAUSE),
            None => SHORTEST_PAUSE,
        };
        match self.reload().await {
            Ok(()) => {
                self.reloader.count(true);
                tracing::info!(files, "files have changed: the new configuration is in force");
            }
            Err(error) => {
                let error = format!("{error:#}");
                let is_told = former
                    .filter(|failed| is_same(&failed))
                    .is_some_and(|failed| failed.error == error);
                if !is_told {
                    self.reloader.count(false);
                    tracing::error!(
                        files,
                        error,
                        "files have changed and cannot be used: the old configuration stays in force \
                         until they can"
                    );
                }
                let due = Instant::now() + pause;
                self.failed = Some(Failed { content: now, error, due, pause });
            }
        }
    }

    async fn reload(&mut self) -> anyhow::Result<()> {
        let (site, listen) = (self.site.clone(), self.listen.clone());
        // Files are read: not on the threads that answer requests.
        let read = move || -> anyhow::Result<_> {
            let named = NamedFiles::of(&site.load(listen.clone())?);
            // Load once more: the next check finds changes made after the check above.
            Ok((Arc::new(Plan::of(&site.load(listen)?)?), named))
        };
        let (plan, named) = supervise::blocking(read).await??;
        self.reloader.reload_by(Arc::clone(&plan)).await?;
        self.log.set(&plan.log);
        self.looks = looks(&plan);
        self.in_force = named;
        self.failed = None;
        Ok(())
    }
}
