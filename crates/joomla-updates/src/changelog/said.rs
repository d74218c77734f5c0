//! What headings and changes say of themselves in words: that they are to be left out, that a
//! legend follows, of which kind they are.
//!
//! Called by `markdown`. Must not import: `line`, `heading`.

use super::ChangeKind;
use super::kinds::{self, Legend};

/// Headings whose text is meant to be left out.
pub(super) fn is_silent(words: &str) -> bool {
    let words = words.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    matches!(
        words.as_str(),
        "unreleased"
            | "changelog"
            | "changelogs"
            | "change log"
            | "history"
            | "releases"
            | "versions"
            | "next"
            | "upcoming"
            | "release notes"
            | "release history"
            | "version history"
    ) || words.starts_with("unreleased")
        || is_of_old_ones(&words)
}

/// `Archived versions`, `Older releases`: what follows are versions all the same.
fn is_of_old_ones(words: &str) -> bool {
    let holds = |known: &[&str]| {
        words.split(|letter: char| !letter.is_alphanumeric()).any(|word| known.contains(&word))
    };
    holds(&["archived", "archive", "older", "old", "earlier", "previous", "legacy", "past"])
        && holds(&["version", "versions", "release", "releases", "changelog", "changes", "history"])
}

/// Is it the file's own title: `Changelog of My Extension`?
pub(super) fn is_title(words: &str) -> bool {
    let lower = words.to_lowercase();
    lower.split_whitespace().any(|word| matches!(word, "changelog" | "changelogs" | "history"))
}

/// Does the file's own legend follow?
pub(super) fn is_legend(words: &str) -> bool {
    let words = words.trim_matches(|letter: char| !letter.is_alphanumeric());
    ["legend", "key"].iter().any(|known| words.eq_ignore_ascii_case(known))
}

/// Does a change begin with a label in brackets?
pub(super) fn is_labelled(text: &str) -> bool {
    text.trim_start_matches('\\').starts_with(['[', '('])
}

/// The kind in the brackets a change begins with, and the change without them; `[HIGH]` stays.
pub(super) fn labelled<'t>(text: &'t str, legend: &Legend) -> Option<(ChangeKind, &'t str)> {
    let inner = text.trim_start().trim_start_matches(['*', '_', '`']).trim_start_matches('\\');
    let inner = inner.strip_prefix(['[', '('])?;
    let (label, rest) = inner.split_once([']', ')'])?;
    // A link is no label.
    if rest.starts_with(['(', '[', ':']) || label.len() > 30 {
        return None;
    }
    let label = label.trim_end_matches('\\');
    let kind = kinds::of_label(label, legend)?;
    let rest = rest.trim_start_matches(['*', '_', '`', ':']).trim_start();
    let is_severity =
        kind == ChangeKind::Fix && kinds::of_heading(label).is_none() && label.len() > 1;
    Some((kind, if is_severity { text } else { rest }))
}

/// The kind of `Fixed: …`, `Added - …` and `**New:** …`.
pub(super) fn said_first(text: &str) -> Option<ChangeKind> {
    let (start, _) = text.split_once([':', '-', '–'])?;
    let start = start.trim_matches(['*', '_', '`', ' ']);
    (start.len() <= 20 && start.split_whitespace().count() <= 2)
        .then(|| kinds::of_heading(start))?
}
