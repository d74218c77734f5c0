//! `audit`: shows the rows of the audit log, and verifies them.

use std::io::{self, Write};
use std::str::FromStr;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::ExitVerdict;
use super::ledger::open;
use super::output::{BAD, FAINT, GOOD, WARNING};
use super::site_options::ResultOptions;
use crate::ledger::LedgerError;
use crate::ledger::audit::{AuditHead, AuditRow};
use crate::ledger::audit_verification::AuditReport;
use crate::mask::printable;

/// Show and verify the audit log of the ledger.
///
/// Each change of the ledger has a row: who made it, when, and the state before and after. Each row
/// vouches for the row before it; docs/ledger.md explains it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Audit {
    #[command(subcommand)]
    action: AuditAction,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge audit list --since 2026-12-01
  jbackend-bridge audit verify
  jbackend-bridge audit verify --head 41:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

Exit code: 0 done, and the log is sound; 1 rows are missing or altered, or the key is; 2 it could not
be done (no ledger, wrong usage).";

#[derive(Debug, Subcommand)]
enum AuditAction {
    /// Show the rows, oldest first
    List(List),
    /// Find rows that were altered, removed, reordered or cut off
    Verify(Verify),
}

#[derive(Debug, Args)]
struct List {
    /// Only rows from this time on: `2026-12-01` or `2026-12-01T10:00:00Z`; a date is of UTC
    #[arg(long, value_name = "TIME")]
    since: Option<Since>,
    #[command(flatten)]
    shown: ResultOptions,
}

#[derive(Debug, Args)]
struct Verify {
    /// A head that was seen before, from the log of the service or a webhook: rows cut off after
    /// its time are found only with it
    #[arg(long, value_name = "NUMBER:HMAC")]
    head: Option<AuditHead>,
    #[command(flatten)]
    shown: ResultOptions,
}

/// The time from which rows are shown.
#[derive(Debug, Clone, Copy)]
struct Since(Timestamp);

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let midnight = |date: Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let time = text.parse().ok().or_else(|| midnight(text.parse().ok()?));
        time.map(Self)
            .ok_or("write a date like `2026-12-01`, or a time like `2026-12-01T10:00:00Z`")
    }
}

/// A row for scripts.
#[derive(Serialize)]
struct RowJson {
    number: i64,
    at: String,
    actor: String,
    what: String,
    before: Option<Value>,
    after: Option<Value>,
    hmac: String,
}

impl RowJson {
    fn of(row: AuditRow) -> Self {
        let AuditHead { number, hmac } = row.head();
        let state = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
        };
        Self {
            number,
            at: time(row.at),
            actor: row.actor,
            what: row.what,
            before: state(row.before),
            after: state(row.after),
            hmac,
        }
    }
}

/// Shows a time; an altered row may have one that does not exist.
fn time(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string())
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        match self.action {
            AuditAction::List(List { since, shown }) => {
                let since = since.map(|Since(time)| time);
                let rows = open(&shown.site).await?.audit_rows(since).await?;
                let rows: Vec<_> = rows.into_iter().map(RowJson::of).collect();
                shown.format.print(&rows, |out| rows.iter().try_for_each(|row| write(out, row)))?;
                Ok(ExitVerdict::Yes)
            }
            AuditAction::Verify(Verify { head, shown }) => {
                let report = match open(&shown.site).await?.verify_audit(head).await {
                    Err(lost @ LedgerError::AuditKey { .. }) => AuditReport::without_key(&lost),
                    verified => verified?,
                };
                shown.format.print(&report, |out| write_report(out, &report))?;
                let is_sound = report.findings.is_empty();
                Ok(if is_sound { ExitVerdict::Yes } else { ExitVerdict::No })
            }
        }
    }
}

fn write(out: &mut dyn Write, row: &RowJson) -> io::Result<()> {
    let RowJson { number, at, actor, what, before, after, .. } = row;
    writeln!(out, "{number}  {at}  {}  {}", printable(what), printable(actor))?;
    for (name, state) in [("before", before), ("after", after)] {
        if let Some(state) = state {
            writeln!(out, "    {FAINT}{name:6}  {}{FAINT:#}", printable(&state.to_string()))?;
        }
    }
    Ok(())
}

fn write_report(out: &mut dyn Write, report: &AuditReport) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{BAD}not sound{BAD:#}: {finding}")?;
    }
    for note in &report.notes {
        writeln!(out, "{WARNING}note{WARNING:#}: {note}")?;
    }
    if report.findings.is_empty() {
        writeln!(out, "{GOOD}sound{GOOD:#}: {} rows", report.rows)?;
    } else {
        writeln!(out, "docs/ledger.md says what to do")?;
    }
    writeln!(out, "head {}", report.head)
}
