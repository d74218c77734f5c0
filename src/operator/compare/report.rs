//! The result of a comparison, masked and ready to be shown.

use serde::Serialize;

use super::difference::Difference;
use super::mask;

/// All of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Comparison {
    /// The old side's end-point.
    pub old: String,
    /// The new side's.
    pub new: String,
    /// Why it ended before its end.
    pub stopped: Option<String>,
    /// How many of each.
    pub counts: CaseCounts,
    /// The seed that repeats a sample.
    pub seed: Option<u64>,
    /// Notes on users missing in the database, and the like.
    pub notes: Vec<String>,
    /// Lines of `[release.error_codes]` that make the new side's refusals those of the old one.
    pub error_codes: Vec<String>,
    /// Cases that were not sent, and why.
    pub left_out: Vec<Omitted>,
    /// Cases that were sent, in their order.
    pub cases: Vec<Compared>,
}

/// Numbers of cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CaseCounts {
    /// Answered alike.
    pub equal: usize,
    /// Alike except for differences that no client minds.
    pub minor: usize,
    /// Answered differently, twice.
    pub different: usize,
    /// Different at first, alike when asked again.
    pub unsteady: usize,
    /// No side gave an answer.
    pub unanswered: usize,
    /// Not sent, for a reason of its own each.
    pub left_out: usize,
    /// Not sent, since the comparison stopped before.
    pub not_reached: usize,
}

/// A case that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Omitted {
    /// Its name.
    pub case: String,
    /// The reason and the remedy.
    pub reason: String,
}

/// The result of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseOutcome {
    /// Answered alike.
    Equal,
    /// Alike except for differences that no client minds.
    Minor,
    /// Answered differently.
    Different,
    /// Different at first, alike when asked again.
    Unsteady,
    /// No side gave an answer.
    Unanswered,
}

/// A case that was sent.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// Its name.
    pub case: String,
    /// Its result.
    pub outcome: CaseOutcome,
    /// The old side's answer: HTTP status and kind.
    pub old: Shown,
    /// The new side's.
    pub new: Shown,
    /// The differences.
    pub differences: Vec<AdvisedDifference>,
    /// A line that asks the old side, without secrets.
    pub curl_old: String,
    /// A line that asks the new side.
    pub curl_new: String,
}

/// An answer in short.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// `ok`, a code, `file`, or the kind of page.
    pub answer: String,
}

/// A difference and advice about it.
#[derive(Debug, Clone, Serialize)]
pub struct AdvisedDifference {
    /// The difference.
    #[serde(flatten)]
    pub difference: Difference,
    /// Can a client of jBackend notice it?
    pub matters: bool,
    /// The setting that decides it, if one is known.
    pub hint: Option<&'static str>,
}

impl Comparison {
    /// Puts a case into the report.
    pub(super) fn add(&mut self, compared: Compared) {
        let counts = &mut self.counts;
        *match compared.outcome {
            CaseOutcome::Equal => &mut counts.equal,
            CaseOutcome::Minor => &mut counts.minor,
            CaseOutcome::Different => &mut counts.different,
            CaseOutcome::Unsteady => &mut counts.unsteady,
            CaseOutcome::Unanswered => &mut counts.unanswered,
        } += 1;
        self.cases.push(compared);
    }

    /// Puts a case into the report that is not sent.
    pub(super) fn omit(&mut self, case: &str, reason: &impl ToString) {
        self.counts.left_out += 1;
        self.left_out.push(Omitted { case: mask::words(case), reason: reason.to_string() });
    }
}
