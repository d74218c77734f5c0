//! `log-hash`: by which hash the log tells one customer's requests.

use std::path::Path;

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::output::Format;
use super::site_options::SiteFiles;
use super::{ExitVerdict, input};
use crate::http::log_hash::log_hash;

/// Print the hash that stands for a customer in the request log.
///
/// It is the field `email` of the log's lines, made with `email_hash_key` of `[log]`. Nothing but the
/// configuration is read: the customer need not exist.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LogHash {
    /// E-mail of the customer; their user id or user name for requests that ended before the account
    /// was looked up; `-` or nothing reads it from standard input
    #[arg(value_name = "EMAIL|ID|USERNAME", default_value = "-", hide_default_value = true)]
    who: String,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteFiles,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge log-hash ann@example.com --config /etc/jbackend-bridge.toml
  journalctl -u jbackend-bridge | grep \"$(jbackend-bridge log-hash ann@example.com)\"
  jbackend-bridge log-hash 42          for lines of free packages, asked for with a one-field key

Exit code: 0 it is printed; 2 it cannot be (no `email_hash_key`, wrong usage).";

/// The result for scripts.
#[derive(Serialize)]
struct LogHashJson<'h> {
    hash: &'h str,
}

impl LogHash {
    #[expect(clippy::unused_async, reason = "subcommands are run alike")]
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let config = self.site.load()?;
        let Some(key) = &config.log.email_hash_key else {
            bail!(
                "`email_hash_key` in `[log]` is not set: the log has no hashes without it; \
                 `openssl rand -hex 16` makes a value"
            );
        };
        let who = match self.who.as_str() {
            "-" => input::read("EMAIL", Path::new("-"))?,
            _ => self.who,
        };
        let who = who.trim();
        if who.is_empty() {
            bail!("no e-mail was given: name one, or send it to standard input");
        }
        if who.lines().count() > 1 {
            bail!("standard input has more than one line: send one e-mail at a time");
        }
        let hash = log_hash(who.as_bytes(), key);
        self.format.print(&LogHashJson { hash: &hash }, |out| writeln!(out, "{hash}"))?;
        Ok(ExitVerdict::Yes)
    }
}
