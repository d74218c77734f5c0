//! One step of an explanation: the examined thing, and the result.
//!
//! Made by the other files of this folder, shown by the command line.

use serde::Serialize;

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepOutcome {
    /// It is as it must be.
    Ok,
    /// This is why the answer is a refusal, or would be but for an earlier one.
    Refused,
    /// It does not decide, but is useful.
    Info,
    /// It could not be found out.
    Unknown,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// The examined thing, in one word: `package`, `account`, `key` …
    pub name: &'static str,
    /// The id of the account, if several were examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<i64>,
    /// The result.
    pub outcome: StepOutcome,
    /// The result in one sentence.
    pub title: String,
    /// The reasons and the remedy; a line each.
    pub details: Vec<String>,
}

impl Step {
    pub(super) fn new(name: &'static str, outcome: StepOutcome, title: impl Into<String>) -> Self {
        Self { name, account: None, outcome, title: title.into(), details: Vec::new() }
    }

    pub(super) fn ok(name: &'static str, title: impl Into<String>) -> Self {
        Self::new(name, StepOutcome::Ok, title)
    }

    pub(super) fn refused(name: &'static str, title: impl Into<String>) -> Self {
        Self::new(name, StepOutcome::Refused, title)
    }

    pub(super) fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    pub(super) fn with_all(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    pub(super) fn of(mut self, account: Option<i64>) -> Self {
        self.account = account;
        self
    }
}
