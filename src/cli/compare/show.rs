//! A comparison as text: differences by kind, cases left out, and the numbers.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use serde::Serialize;

use crate::cli::output::{BAD, FAINT, GOOD, WARNING};
use crate::cli::wrap::{width, wrapped};
use crate::operator::compare::difference::What;
use crate::operator::compare::plan::Plan;
use crate::operator::compare::report::{
    AdvisedDifference, CaseCounts, CaseOutcome, Compared, Comparison, Omitted,
};
use crate::operator::compare::side::Side;
use crate::words::count;

/// Cases of one kind that are shown unless all are wanted.
const FIRST: usize = 10;
/// The same for cases that were left out for one reason.
const FEW: usize = 3;

/// The output of `--dry-run`.
#[derive(Serialize)]
pub(super) struct List {
    requests: Vec<Request>,
    left_out: Vec<Omitted>,
}

#[derive(Serialize)]
struct Request {
    case: String,
    curl_old: String,
}

/// The requests of a plan, masked.
pub(super) fn list(plan: &Plan, old: &Side) -> List {
    let request = |sent| Request { case: sent_name(sent), curl_old: old.curl(sent) };
    List { requests: plan.sent.iter().map(request).collect(), left_out: plan.left_out.clone() }
}

fn sent_name(sent: &crate::operator::compare::case::CaseRequest) -> String {
    crate::operator::compare::mask::words(&sent.name)
}

/// Every request with its name before it.
pub(super) fn dry_run(out: &mut dyn Write, list: &List) -> io::Result<()> {
    for Request { case, curl_old } in &list.requests {
        writeln!(out, "{FAINT}# {case}{FAINT:#}\n{curl_old}")?;
    }
    left_out(out, &list.left_out)?;
    let (sent, left_out) = (list.requests.len(), list.left_out.len());
    writeln!(out, "\n{sent} requests to each side, {left_out} left out; nothing was sent")
}

/// All of a report.
pub(super) fn report(out: &mut dyn Write, report: &Comparison, all: bool) -> io::Result<()> {
    writeln!(out, "old  {}\nnew  {}", report.old, report.new)?;
    for (what, found) in by_kind(report, CaseOutcome::Different) {
        kind(out, what, &found, all)?;
    }
    for (what, found) in by_kind(report, CaseOutcome::Minor) {
        kind(out, what, &found, all)?;
    }
    plain(out, report, CaseOutcome::Unsteady, "Different at first, equal when asked again")?;
    plain(out, report, CaseOutcome::Unanswered, "No answer from either side")?;
    left_out(out, &report.left_out)?;
    for note in &report.notes {
        writeln!(out, "\n{}", wrapped(&format!("Note: {note}"), 6, width()))?;
    }
    error_codes(out, &report.error_codes)?;
    summary(out, report)
}

/// Lines to paste as they are, so not wrapped.
fn error_codes(out: &mut dyn Write, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let why = "The old side's own codes and descriptions, for the bridge's configuration (in place of \
               `error_codes` where `[release]` has it):";
    writeln!(out, "\n{}\n\n[release.error_codes]", wrapped(why, 0, width()))?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

type ShownDifference<'r> = (&'r Compared, &'r AdvisedDifference);

/// Groups cases by difference. Minor differences are left out if a case also has others.
fn by_kind(report: &Comparison, outcome: CaseOutcome) -> BTreeMap<What, Vec<ShownDifference<'_>>> {
    let mut kinds: BTreeMap<What, Vec<ShownDifference<'_>>> = BTreeMap::new();
    let cases = report.cases.iter().filter(|case| case.outcome == outcome);
    for case in cases {
        let matters = outcome == CaseOutcome::Different;
        for finding in case.differences.iter().filter(|finding| finding.matters == matters) {
            kinds.entry(finding.difference.what).or_default().push((case, finding));
        }
    }
    kinds
}

fn kind(
    out: &mut dyn Write,
    what: What,
    found: &[ShownDifference<'_>],
    all: bool,
) -> io::Result<()> {
    let (style, word) = if what.matters() { (BAD, "different") } else { (WARNING, "minor") };
    let title = what.title();
    writeln!(out, "\n{style}{title}{style:#} ({word}, {})", count(found.len(), "case"))?;
    let shown = if all { found.len() } else { FIRST };
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width()).unwrap_or(u16::MAX))
        .set_header(["case", "old", "new"]);
    for (case, finding) in found.iter().take(shown) {
        table.add_row([&case.case, &finding.difference.old, &finding.difference.new]);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if found.len() > shown {
        let more = found.len() - shown;
        writeln!(out, "… and {more} more: `--all` shows them")?;
    }
    let mut hints: Vec<_> = found.iter().filter_map(|(_, finding)| finding.hint).collect();
    hints.sort_unstable();
    hints.dedup();
    for hint in hints {
        writeln!(out, "{}", wrapped(&format!("Hint: {hint}"), 6, width()))?;
    }
    if let Some((case, _)) = found.first() {
        writeln!(out, "The first, by hand (put in the masked parts):")?;
        writeln!(out, "{FAINT}  {}\n  {}{FAINT:#}", case.curl_old, case.curl_new)?;
    }
    Ok(())
}

/// Shows cases that have no two answers to compare.
fn plain(
    out: &mut dyn Write,
    report: &Comparison,
    outcome: CaseOutcome,
    title: &str,
) -> io::Result<()> {
    let found: Vec<_> = report.cases.iter().filter(|case| case.outcome == outcome).collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{WARNING}{title}{WARNING:#} ({})", count(found.len(), "case"))?;
    for case in found {
        let first = case.differences.first().map(|one| (&one.difference.old, &one.difference.new));
        let (old, new) = first.unwrap_or((&case.old.answer, &case.new.answer));
        let line = format!("- {}: old {old}, new {new}", case.case);
        writeln!(out, "{}", wrapped(&line, 2, width()))?;
    }
    Ok(())
}

/// Reasons with their cases: a value that is not known leaves out many.
fn left_out(out: &mut dyn Write, omitted: &[Omitted]) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Omitted { case, reason } in omitted {
        reasons.entry(reason).or_default().push(case);
    }
    if !reasons.is_empty() {
        writeln!(out, "\nLeft out")?;
    }
    for (reason, names) in reasons {
        let few: Vec<_> = names.iter().take(FEW).copied().collect();
        let more = if names.len() > FEW { ", …" } else { "" };
        let line = format!("- {}: {reason} ({}{more})", count(names.len(), "case"), few.join(", "));
        writeln!(out, "{}", wrapped(&line, 2, width()))?;
    }
    Ok(())
}

fn summary(out: &mut dyn Write, report: &Comparison) -> io::Result<()> {
    let CaseCounts { equal, minor, different, unsteady, unanswered, left_out, not_reached } =
        report.counts;
    let (style, word): (Style, _) = match (&report.stopped, different, unanswered) {
        (Some(_), _, _) | (None, 0, 1..) => (WARNING, "NOT COMPLETE"),
        (None, 1.., _) => (BAD, "DIFFERENT"),
        (None, 0, 0) => (GOOD, "NO DIFFERENCE"),
    };
    let mut parts = vec![format!("{equal} equal"), format!("{different} different")];
    for (number, name) in [
        (minor, "with minor differences"),
        (unsteady, "unsteady"),
        (unanswered, "without any answer"),
        (left_out, "left out"),
        (not_reached, "not reached"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {name}"));
        }
    }
    let sent = report.cases.len();
    let line = format!("({} sent: {})", count(sent, "case"), parts.join(", "));
    writeln!(out, "\n{style}{word}{style:#} {}", wrapped(&line, 0, width() - word.len() - 1))?;
    if let Some(seed) = report.seed {
        writeln!(out, "The same users again: --seed {seed}")?;
    }
    Ok(())
}
