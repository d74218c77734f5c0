//! What a check has to say: how bad it is, what it is about, what is wrong, where, and what to do.
//!
//! Made by the checks through [`FindingSink`], shown by the command line. All texts pass through here, so
//! that nothing that stands in a database can write to the operator's terminal.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use strum::VariantArray;

use crate::config::problem::Problems;
use crate::mask;
use crate::store::StoreError;
use crate::told::{Tell, Told};
use crate::words::{TOLD, beyond_told};

/// How bad it is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::Display)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something will not work, or is open to everybody.
    Error,
    /// It works, but not for everybody, or not as safely as it should.
    Warning,
    /// Worth knowing.
    Notice,
    /// Could not be looked at, and why.
    Skipped,
    /// As it should be.
    Ok,
}

/// What a finding is about, in the order of the report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::Display, VariantArray,
)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// `configuration.php` and our own configuration.
    Configuration,
    /// Server, account, tables.
    Database,
    /// The plugin's row and its settings lines.
    #[strum(serialize = "plugin settings")]
    Plugin,
    /// Package groups and their license keys.
    #[strum(serialize = "package groups")]
    PackageGroups,
    /// Package files.
    #[strum(serialize = "package files")]
    PackageFiles,
    /// Whether the web server hands out paid packages.
    #[strum(serialize = "direct access to paid packages")]
    DirectAccess,
    /// E-mails of accounts.
    Accounts,
    /// How people log in.
    Logins,
    /// End-points.
    #[strum(serialize = "end-points")]
    EndPoints,
    /// API keys.
    #[strum(serialize = "API keys")]
    ApiKeys,
    /// The XML of Joomla's updater.
    #[strum(serialize = "update XML")]
    Updates,
    /// The way out for mails.
    Mail,
    /// The server through which limits are shared.
    Limits,
    /// The site's address.
    #[strum(serialize = "public URL")]
    PublicUrl,
    /// Clocks.
    Clock,
}

impl Subject {
    /// All of them, in the order of the report.
    pub const ALL: &'static [Self] = Self::VARIANTS;
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong, or right.
    pub what: String,
    /// Where: file and line, table, setting.
    #[serde(rename = "where")]
    pub place: Option<String>,
    /// What to do.
    pub advice: Option<String>,
    /// Lines to look at or to copy, as they are.
    pub lines: Vec<String>,
}

impl Finding {
    fn new(severity: Severity, subject: Subject, what: impl Display) -> Self {
        let what = printable(&what.to_string());
        Self { severity, subject, what, place: None, advice: None, lines: Vec::new() }
    }

    /// Says where it is.
    pub(super) fn at(&mut self, place: impl Display) -> &mut Self {
        self.place = Some(printable(&place.to_string()));
        self
    }

    /// Says what to do.
    pub(super) fn advise(&mut self, advice: impl Display) -> &mut Self {
        self.advice = Some(printable(&advice.to_string()));
        self
    }

    /// Adds a line to look at or to copy.
    pub(super) fn line(&mut self, line: impl Display) -> &mut Self {
        self.lines.push(printable(&line.to_string()));
        self
    }
}

/// The findings of one subject.
#[derive(Debug)]
pub(super) struct FindingSink<'a> {
    subject: Subject,
    findings: &'a mut Vec<Finding>,
    /// May still get a place, advice and lines.
    latest: Option<Finding>,
    /// How many there have been of each severity.
    counts: BTreeMap<Severity, usize>,
    /// Whether all are kept.
    is_whole: bool,
}

impl Drop for FindingSink<'_> {
    fn drop(&mut self) {
        self.finish();
        for (severity, count) in std::mem::take(&mut self.counts) {
            if let Some(more) = beyond_told(count).filter(|_| !self.is_whole) {
                self.findings.push(Finding::new(
                    severity,
                    self.subject,
                    format!("{more} more findings of this kind are left out"),
                ));
            }
        }
    }
}

impl<'a> FindingSink<'a> {
    pub(super) fn on(subject: Subject, findings: &'a mut Vec<Finding>) -> Self {
        Self { subject, findings, latest: None, counts: BTreeMap::new(), is_whole: false }
    }

    /// Keeps all findings, however many there are.
    pub(super) fn keep_all(&mut self) {
        self.is_whole = true;
    }

    pub(super) fn ok(&mut self, what: impl Display) {
        self.add(Severity::Ok, what);
    }

    pub(super) fn notice(&mut self, what: impl Display) -> &mut Finding {
        self.add(Severity::Notice, what)
    }

    pub(super) fn warning(&mut self, what: impl Display) -> &mut Finding {
        self.add(Severity::Warning, what)
    }

    pub(super) fn error(&mut self, what: impl Display) -> &mut Finding {
        self.add(Severity::Error, what)
    }

    /// Something could not be looked at; `what` says what and why.
    pub(super) fn skipped(&mut self, what: impl Display) -> &mut Finding {
        self.add(Severity::Skipped, what)
    }

    /// An error that says what to do.
    pub(super) fn failure(&mut self, severity: Severity, error: impl Tell) -> &mut Finding {
        let Told { what, advice, .. } = error.told();
        let finding = self.add(severity, what);
        match advice {
            Some(advice) => finding.advise(advice),
            None => finding,
        }
    }

    /// The rows that were read. If they could not be, the look at them is skipped.
    pub(super) fn read<T>(&mut self, what: &str, rows: Result<T, StoreError>) -> Option<T> {
        let skip = |error| {
            self.skipped(format!("{what}: {error}"));
        };
        rows.map_err(skip).ok()
    }

    /// The value, unless it is an error that says what to do.
    pub(super) fn sort<T>(&mut self, severity: Severity, value: Result<T, impl Tell>) -> Option<T> {
        let tell = |error| {
            self.failure(severity, error);
        };
        value.map_err(tell).ok()
    }

    /// A part of the configuration, unless something is wrong with it.
    pub(super) fn part<'p, T>(
        &mut self,
        part: &'p Result<T, Problems>,
        place: Option<&str>,
    ) -> Option<&'p T> {
        part.as_ref().map_err(|problems| self.problems(problems, place)).ok()
    }

    /// All that is wrong with a part of the configuration, each at a place.
    pub(super) fn problems(&mut self, problems: &Problems, place: Option<&str>) {
        for problem in &problems.0 {
            let finding = self.failure(Severity::Error, problem);
            if let Some(place) = place {
                finding.at(place);
            }
        }
    }

    /// A finding of any severity.
    pub(super) fn add(&mut self, severity: Severity, what: impl Display) -> &mut Finding {
        self.finish();
        self.latest.insert(Finding::new(severity, self.subject, what))
    }

    /// Keeps the first of a severity: a site with 100,000 wrong lines must not fill the report.
    fn finish(&mut self) {
        let Some(latest) = self.latest.take() else { return };
        let count = self.counts.entry(latest.severity).or_default();
        *count += 1;
        if self.is_whole || *count <= TOLD {
            self.findings.push(latest);
        }
    }
}

/// The longest text shown; settings lines can be of any length.
const LONGEST: usize = 1000;

fn printable(text: &str) -> String {
    mask::printable(&text.chars().take(LONGEST).collect::<String>())
}

/// ``` `a`, `b` and 3 more ```
pub(super) fn list<T: Display>(names: &[T]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What needs the database says so when there is none.
pub(super) fn without_database(what: &str, notes: &mut FindingSink<'_>) {
    notes.skipped(format!("{what}: not looked at, since the database could not be read"));
}
