//! Sets up the log: on standard error, so that standard output stays for data.

use tracing_subscriber::EnvFilter;

use crate::config::sections::Log;
use crate::config::values::LogFormat;

/// Starts logging as configured.
///
/// # Errors
/// A `level` that is none.
pub(super) fn start(config: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level).map_err(|_| {
        anyhow::anyhow!(
            "`log.level`: `{}` is no log level: use `error`, `warn`, `info`, `debug`, or a filter like \
             `info,mysql_async=warn`",
            config.level
        )
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subcommand in one process (as in tests) keeps the first one's log.
    let _ = match config.format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
            log.with_ansi(colour).with_target(false).try_init()
        }
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    Ok(())
}
