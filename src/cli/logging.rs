//! Sets up the log: on standard error, so that standard output stays for data.

use std::io;

use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::log_lines::{self, JsonLines, TextFields};
use super::log_time::UtcTime;
use super::log_writer::{self, LogThread};
use crate::config::sections::Log;
use crate::config::values::LogFormat;
use crate::service::plan::log::LogPlan;

/// Whether a command that answers a question shows the log of the service beside its answer.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ServiceLog {
    /// Show the service's own log, too, on standard error
    #[arg(long, short)]
    verbose: bool,
}

impl ServiceLog {
    /// Starts logging, if it is enabled.
    ///
    /// # Errors
    /// Fails if `level` is not a valid level.
    pub(super) fn start(self, config: &Log) -> anyhow::Result<()> {
        if self.verbose {
            start(&LogPlan::of(config)?);
        }
        Ok(())
    }
}

/// Changes the log level while the program runs.
pub(super) struct LogLevel(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl LogLevel {
    /// Logs what another plan says. The format stays.
    pub(super) fn set(&self, plan: &LogPlan) {
        self.0(plan.filter.clone().into());
    }
}

/// Starts logging as planned. Each line is written before the program goes on.
pub(super) fn start(plan: &LogPlan) -> LogLevel {
    start_with(plan, io::stderr)
}

/// Starts logging as planned, on a thread of its own: see [`log_writer`].
///
/// # Errors
/// No thread to be had.
pub(super) fn start_beside(plan: &LogPlan) -> io::Result<(LogLevel, LogThread)> {
    let told = match plan.format {
        LogFormat::Text => log_lines::lost_as_text,
        LogFormat::Json => log_lines::lost_as_json,
    };
    let (writer, thread) = log_writer::start(io::stderr(), told)?;
    Ok((start_with(plan, writer), thread))
}

fn start_with<W>(plan: &LogPlan, writer: W) -> LogLevel
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Do not report errors of the log itself: they go to standard error, which panics on each
    // request if the log's reader is gone or the disk is full.
    let filter = EnvFilter::from(plan.filter.clone());
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    let log = log.with_timer(UtcTime);
    // A second subcommand in one process (as in tests) keeps the first one's log.
    match plan.format {
        LogFormat::Text => {
            let colour = io::IsTerminal::is_terminal(&io::stderr());
            let log = log.with_writer(writer).fmt_fields(TextFields);
            let log = log.with_ansi(colour).with_target(false).with_filter_reloading();
            let handle = log.reload_handle();
            let _ = log.try_init();
            LogLevel(Box::new(move |filter| drop(handle.reload(filter))))
        }
        LogFormat::Json => {
            let log = log.map_writer(|_| JsonWriters(writer)).json();
            let log = log.flatten_event(true).with_filter_reloading();
            let handle = log.reload_handle();
            let _ = log.try_init();
            LogLevel(Box::new(move |filter| drop(handle.reload(filter))))
        }
    }
}

/// Makes writers of lines of JSON.
struct JsonWriters<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for JsonWriters<W> {
    type Writer = JsonLines<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        JsonLines(self.0.make_writer())
    }
}
