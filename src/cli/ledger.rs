//! `ledger`: looks at the ledger, and copies it out and in.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::ExitVerdict;
use super::output::{BAD, Format};
use super::site_options::{ResultOptions, SiteFiles};
use crate::ledger::sqlite::{Restored, SqliteLedger};
use crate::ledger::{Ledger as _, LedgerStatus};

/// Look at the ledger, back it up and restore it.
///
/// The ledger has the bridge's own records; docs/ledger.md explains it. All commands work
/// while a service runs. If root runs them, they act as the owner of the ledger's file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Ledger {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge ledger status --config /etc/jbackend-bridge.toml
  jbackend-bridge ledger backup /root/bridge-monday.db --config /etc/jbackend-bridge.toml
  jbackend-bridge ledger restore /root/bridge-monday.db --config /etc/jbackend-bridge.toml

Exit code: 0 done; 1 the ledger is damaged; 2 it could not be done (no ledger, wrong usage).";

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the state of the ledger, and look for damage
    Status(ResultOptions),
    /// Write a copy of the ledger as it is now
    Backup(BackupFile),
    /// Put a backup in the place of the ledger's contents
    ///
    /// A new epoch begins: upload tokens are suspended until `ledger confirm`. Everything revoked or
    /// withdrawn after the backup must be repeated; the command prints since when.
    Restore(BackupFile),
    /// Put upload tokens into force again after a restore
    Confirm(ResultOptions),
    /// Print the whole ledger as JSON
    Export(Export),
}

#[derive(Debug, Args)]
struct BackupFile {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    shown: ResultOptions,
}

#[derive(Debug, Args)]
struct Export {
    /// Print JSON; the only form there is
    #[arg(long)]
    json: bool,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteFiles,
}

/// The result of a backup for scripts.
#[derive(Serialize)]
struct BackupJson {
    complete_until: String,
}

impl Ledger {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        match self.action {
            Action::Status(shown) => status(&shown).await,
            Action::Backup(BackupFile { file, shown }) => {
                let until = open(&shown.site).await?.backup(&file).await?;
                let json = BackupJson { complete_until: until.to_string() };
                shown.format.print(&json, |out| {
                    writeln!(out, "wrote `{}`, complete until {until:.0}", file.display())
                })?;
                Ok(ExitVerdict::Yes)
            }
            Action::Restore(BackupFile { file, shown }) => {
                let restored = open(&shown.site).await?.restore(&file).await?;
                shown.format.print(&restored, |out| write_restored(out, &restored))?;
                Ok(ExitVerdict::Yes)
            }
            Action::Confirm(shown) => {
                let confirmed = open(&shown.site).await?.confirm().await?;
                shown.format.print(&confirmed, |out| {
                    writeln!(out, "upload tokens in force again: {}", confirmed.tokens)
                })?;
                Ok(ExitVerdict::Yes)
            }
            Action::Export(export) => {
                let all = open(&export.site).await?.export().await?;
                Format { json: true }.print(&all, |_| Ok(()))?;
                Ok(ExitVerdict::Yes)
            }
        }
    }
}

/// Opens the ledger that the configuration names.
async fn open(site: &SiteFiles) -> anyhow::Result<SqliteLedger> {
    let config = site.load()?;
    let Some(path) = config.ledger.url.as_ref().and_then(|url| url.path()) else {
        bail!(
            "there is no ledger: set `url` in `[ledger]`, for example \
             `url = \"sqlite:/var/lib/jbackend-bridge/bridge.db\"`"
        );
    };
    Ok(SqliteLedger::open(path).await?)
}

async fn status(shown: &ResultOptions) -> anyhow::Result<ExitVerdict> {
    let status = open(&shown.site).await?.status().await?;
    shown.format.print(&status, |out| write_status(out, &status))?;
    Ok(if status.damage.is_empty() { ExitVerdict::Yes } else { ExitVerdict::No })
}

fn write_status(out: &mut dyn Write, status: &LedgerStatus) -> io::Result<()> {
    writeln!(out, "schema        {}", status.schema)?;
    writeln!(out, "epoch         {}", status.epoch)?;
    writeln!(out, "revision      {}", status.revision)?;
    writeln!(out, "releases      {}", status.releases)?;
    writeln!(
        out,
        "upload tokens {}, of which suspended: {}",
        status.tokens, status.suspended_tokens
    )?;
    writeln!(out, "audit rows    {}", status.audit_rows)?;
    if status.suspended_tokens > 0 {
        writeln!(out, "run `jbackend-bridge ledger confirm` to put suspended tokens into force")?;
    }
    for line in &status.damage {
        writeln!(out, "{BAD}damaged{BAD:#}: {line}")?;
    }
    if !status.damage.is_empty() {
        writeln!(out, "move the file away and run `jbackend-bridge ledger restore` with a backup")?;
    }
    Ok(())
}

fn write_restored(out: &mut dyn Write, restored: &Restored) -> io::Result<()> {
    writeln!(out, "restored; epoch {} begins", restored.epoch)?;
    let until = restored.restored_at;
    match restored.complete_until {
        Some(since) => writeln!(
            out,
            "repeat every revocation and withdrawal made from {since:.0} until {until:.0}"
        )?,
        None => writeln!(
            out,
            "repeat every revocation and withdrawal made since the backup until {until:.0}: the \
             backup does not say when it was made"
        )?,
    }
    writeln!(
        out,
        "suspended upload tokens: {}; `jbackend-bridge ledger confirm` puts them into force",
        restored.suspended_tokens
    )
}
