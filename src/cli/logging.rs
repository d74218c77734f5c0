//! Sets up the log: on standard error, so that standard output stays for data.

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::log_lines::{self, JsonLines};
use crate::config::sections::Log;
use crate::config::values::LogFormat;

/// Whether a command that answers a question shows the log of the service beside its answer.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ServiceLog {
    /// Show the service's own log, too, on standard error
    #[arg(long, short)]
    verbose: bool,
}

impl ServiceLog {
    /// Starts logging where that is wanted.
    ///
    /// # Errors
    /// A `level` that is none.
    pub(super) fn start(self, config: &Log) -> anyhow::Result<()> {
        if self.verbose { start(config).map(drop) } else { Ok(()) }
    }
}

/// Changes what is logged while the program runs.
pub(super) struct LogLevel(Box<dyn Fn(EnvFilter) + Send + Sync>);

impl LogLevel {
    /// Logs by another filter, see [`filter`]. The format stays.
    pub(super) fn set(&self, filter: EnvFilter) {
        self.0(filter);
    }
}

/// Starts logging as configured.
///
/// # Errors
/// A `level` that is none.
pub(super) fn start(config: &Log) -> anyhow::Result<LogLevel> {
    // An error of the log itself would be printed to where it comes from: a panic, at each request,
    // once whoever read the log has gone or the disk under it is full.
    let log = tracing_subscriber::fmt().with_env_filter(filter(config)?).log_internal_errors(false);
    // A second subcommand in one process (as in tests) keeps the first one's log.
    Ok(match config.format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
            let log = log.with_writer(std::io::stderr).fmt_fields(log_lines::fields());
            let log = log.with_ansi(colour).with_target(false).with_filter_reloading();
            let handle = log.reload_handle();
            let _ = log.try_init();
            LogLevel(Box::new(move |filter| drop(handle.reload(filter))))
        }
        LogFormat::Json => {
            let log = log.with_writer(JsonLines::default).json();
            let log = log.flatten_event(true).with_filter_reloading();
            let handle = log.reload_handle();
            let _ = log.try_init();
            LogLevel(Box::new(move |filter| drop(handle.reload(filter))))
        }
    })
}

/// What the configuration says is logged.
///
/// # Errors
/// A `level` that is none.
pub(super) fn filter(config: &Log) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(&config.level).map_err(|_| {
        anyhow::anyhow!(
            "`log.level`: `{}` is no log level: use `error`, `warn`, `info`, `debug`, or a filter like \
             `info,mysql_async=warn`",
            config.level
        )
    })
}
