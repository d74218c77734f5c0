//! `check`: everything that can be wrong with a site, before it goes live.

use std::io::{self, Write};

use anstyle::Style;
use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;

use super::ExitVerdict;
use super::output::{BAD, FAINT, Format, GOOD, WARNING, bar};
use super::site_options::SiteOptions;
use super::wrap::{lines, width};
use crate::config::ConfigError;
use crate::config::origin::SetValue;
use crate::config::public_url::PublicUrl;
use crate::operator::check::{
    self, CheckOptions, CheckReport, Finding, Severity, Subject, Summary,
};
use crate::operator::http_client::Certificates;
use crate::words::count;

/// Look at everything that can be wrong with a site, before it goes live.
///
/// Reads the configuration, the database, the plugin's settings and the package files, asks the
/// public site and the mail server, and reports each problem with its place and its remedy. Changes
/// nothing and sends nothing (but for `--send-test`); of each paid package the web server is asked
/// for the head once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Check {
    /// The site's address as visitors see it, if it is not configured
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Ask neither the public site nor the mail server
    #[arg(long, conflicts_with = "send_test")]
    offline: bool,
    /// Send a test mail to this address
    #[arg(long, value_name = "ADDRESS")]
    send_test: Option<String>,
    /// Make the test mail the letter with a license key for this package group, with sample values
    #[arg(long, value_name = "GROUP", requires = "send_test")]
    letter: Option<String>,
    /// List the configured values, and the origin of each
    #[arg(long)]
    values: bool,
    /// Show e-mail addresses whole, not as `a***@example.com`
    #[arg(long)]
    show_emails: bool,
    /// Take any certificate, as staging sites have them
    #[arg(long)]
    insecure: bool,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteOptions,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge check --config /etc/jbackend-bridge.toml
  jbackend-bridge check --joomla-root /var/www/html --public-url https://www.example.com
  jbackend-bridge check --config /etc/jbackend-bridge.toml --send-test me@example.com
  jbackend-bridge check --config /etc/jbackend-bridge.toml --send-test me@example.com \\
    --letter redj_enterprise
  jbackend-bridge check --config /etc/jbackend-bridge.toml --json | jq '.findings[].what'

Run it as the user the service runs as, for example with `sudo -u www-data`: it meets the same
rights then. docs/check.md explains every finding.

Exit code: 0 when there is no error, 1 when there is one (with `--strict` also for a warning; a
configuration that cannot be read is an error), 2 when no site is named.";

impl Check {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let loaded = match self.site.load_with_origins(None) {
            // Neither a site nor a configuration was named.
            Err(error @ (ConfigError::NoSite | ConfigError::NoSiteIn(_))) => {
                return Err(error.into());
            }
            loaded => loaded,
        };
        let wishes = CheckOptions {
            public_url: self.public_url,
            offline: self.offline,
            send_test: self.send_test,
            letter: self.letter,
            show_emails: self.show_emails,
            certificates: if self.insecure { Certificates::Any } else { Certificates::Verified },
        };
        let progress = CheckProgress::start();
        let report = check::run(loaded, &wishes, |subject| progress.tell(subject)).await;
        progress.finish();
        let summary = report.summary();
        let values = self.values;
        self.format.print(&CheckJson::of(&report), |out| show(out, &report, values, width()))?;
        let failed = summary.errors > 0 || self.strict && summary.warnings > 0;
        Ok(if failed { ExitVerdict::No } else { ExitVerdict::Yes })
    }
}

/// Shows the present step of the check, on a terminal only.
struct CheckProgress(ProgressBar);

impl CheckProgress {
    fn start() -> Self {
        Self(bar(Subject::ALL.len() as u64, "{msg}"))
    }

    fn tell(&self, subject: Subject) {
        let done = Subject::ALL.iter().position(|one| *one == subject).unwrap_or_default();
        self.0.set_message(subject.to_string());
        self.0.set_position(done as u64);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[derive(Serialize)]
struct CheckJson<'a> {
    summary: Summary,
    findings: &'a [Finding],
    values: Vec<JsonValue<'a>>,
}

#[derive(Serialize)]
struct JsonValue<'a> {
    key: &'a str,
    value: &'a str,
    secret: bool,
    from: String,
    field: Option<String>,
}

impl<'a> CheckJson<'a> {
    fn of(report: &'a CheckReport) -> Self {
        let value = |value: &'a SetValue| JsonValue {
            key: &value.key,
            value: &value.shown,
            secret: value.is_secret,
            from: value.place.to_string(),
            field: value.field.map(|field| format!("${field}")),
        };
        Self {
            summary: report.summary(),
            findings: &report.findings,
            values: report.values.iter().map(value).collect(),
        }
    }
}

fn show(out: &mut dyn Write, report: &CheckReport, values: bool, width: usize) -> io::Result<()> {
    for &subject in Subject::ALL {
        let mut findings = report.findings.iter().filter(|one| one.subject == subject).peekable();
        if findings.peek().is_none() {
            continue;
        }
        let heading = Style::new().bold();
        writeln!(out, "{heading}{subject}{heading:#}")?;
        for finding in findings {
            show_finding(out, finding, width)?;
        }
        if values && subject == Subject::Configuration {
            show_values(out, &report.values)?;
        }
        writeln!(out)?;
    }
    sum_up(out, report.summary(), width)
}

/// Columns before a finding's text.
const INDENT: usize = 11;

fn show_finding(out: &mut dyn Write, finding: &Finding, width: usize) -> io::Result<()> {
    let style = style(finding.severity);
    let room = width.saturating_sub(INDENT);
    let mut what = lines(&finding.what, room).into_iter();
    let first = what.next().unwrap_or_default();
    writeln!(out, "  {style}{:<8}{style:#} {first}", finding.severity)?;
    for line in what {
        writeln!(out, "{:INDENT$}{line}", "")?;
    }
    if let Some(place) = &finding.place {
        for (number, line) in lines(place, room.saturating_sub(3)).iter().enumerate() {
            let at = if number == 0 { "at " } else { "   " };
            writeln!(out, "{:INDENT$}{FAINT}{at}{line}{FAINT:#}", "")?;
        }
    }
    // A finding's message stands before its advice; lines to be copied stand after it.
    let is_to_copy = finding.severity == Severity::Error && finding.lines.len() > 1;
    if !is_to_copy {
        show_lines(out, finding)?;
    }
    if let Some(advice) = &finding.advice {
        for (number, line) in lines(advice, room.saturating_sub(2)).iter().enumerate() {
            let arrow = if number == 0 { "→ " } else { "  " };
            writeln!(out, "{:INDENT$}{arrow}{line}", "")?;
        }
    }
    if is_to_copy { show_lines(out, finding) } else { Ok(()) }
}

fn show_lines(out: &mut dyn Write, finding: &Finding) -> io::Result<()> {
    for line in &finding.lines {
        writeln!(out, "{:INDENT$}    {line}", "")?;
    }
    Ok(())
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warning | Severity::Skipped => WARNING,
        Severity::Notice => Style::new().bold(),
        Severity::Ok => GOOD,
    }
}

/// Keys, values and sources in columns; long ones push the rest of their line to the right.
fn show_values(out: &mut dyn Write, values: &[SetValue]) -> io::Result<()> {
    let longest = |of: fn(&SetValue) -> usize, most: usize| {
        values.iter().map(of).filter(|length| *length <= most).max().unwrap_or_default()
    };
    let keys = longest(|value| value.key.chars().count(), 30);
    let shown = longest(|value| value.shown.chars().count(), 40);
    writeln!(out, "           values that are not defaults:")?;
    for value in values {
        let field = value.field.map_or_else(String::new, |field| format!(", `${field}`"));
        writeln!(
            out,
            "{:INDENT$}{:<keys$}  {:<shown$}  {FAINT}{}{field}{FAINT:#}",
            "", value.key, value.shown, value.place
        )?;
    }
    Ok(())
}

fn sum_up(out: &mut dyn Write, summary: Summary, width: usize) -> io::Result<()> {
    let Summary { errors, warnings, notices, skipped, ok } = summary;
    let number = |number: usize, one: &str| match number {
        0 => format!("no {one}s"),
        number => count(number, one),
    };
    let (style, verdict) = match (errors, warnings) {
        (0, 0) => (GOOD, "ready to go live"),
        (0, _) => (WARNING, "no error, but look at the warnings"),
        _ => (BAD, "not ready to go live"),
    };
    let counts = format!(
        "{verdict}: {}, {}, {}, {skipped} skipped, {ok} ok",
        number(errors, "error"),
        number(warnings, "warning"),
        number(notices, "notice"),
    );
    for (number, line) in lines(&counts, width).iter().enumerate() {
        match line.strip_prefix(verdict).filter(|_| number == 0) {
            Some(rest) => writeln!(out, "{style}{verdict}{style:#}{rest}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}
