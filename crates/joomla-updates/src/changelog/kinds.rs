//! The kind of a change by the words and marks makers use: `Bug fixes`, `[Feature]`, `^ changed`.
//!
//! Called by `markdown` and `heading`. Must not import: `line`.

use std::collections::BTreeMap;

use super::ChangeKind;

/// How words that say a kind begin. The first word of a heading that says one counts.
const WORDS: [(&str, ChangeKind); 49] = [
    ("secur", ChangeKind::Security),
    ("vulnerab", ChangeKind::Security),
    ("fix", ChangeKind::Fix),
    ("bug", ChangeKind::Fix),
    ("hotfix", ChangeKind::Fix),
    ("resolved", ChangeKind::Fix),
    ("corrected", ChangeKind::Fix),
    ("correction", ChangeKind::Fix),
    ("lang", ChangeKind::Language),
    ("transl", ChangeKind::Language),
    ("locali", ChangeKind::Language),
    ("add", ChangeKind::Addition),
    ("feat", ChangeKind::Addition),
    ("introduc", ChangeKind::Addition),
    ("implement", ChangeKind::Addition),
    ("chang", ChangeKind::Change),
    ("improv", ChangeKind::Change),
    ("enhanc", ChangeKind::Change),
    ("break", ChangeKind::Change),
    ("updat", ChangeKind::Change),
    ("upgrad", ChangeKind::Change),
    ("optimi", ChangeKind::Change),
    ("perf", ChangeKind::Change),
    ("refactor", ChangeKind::Change),
    ("rework", ChangeKind::Change),
    ("renam", ChangeKind::Change),
    ("moved", ChangeKind::Change),
    ("depend", ChangeKind::Change),
    ("tweak", ChangeKind::Change),
    ("clean", ChangeKind::Change),
    ("compat", ChangeKind::Change),
    ("maint", ChangeKind::Change),
    ("intern", ChangeKind::Change),
    ("chore", ChangeKind::Change),
    ("housekeep", ChangeKind::Change),
    ("modif", ChangeKind::Change),
    ("deprec", ChangeKind::Change),
    ("remov", ChangeKind::Remove),
    ("delet", ChangeKind::Remove),
    ("dropped", ChangeKind::Remove),
    ("note", ChangeKind::Note),
    ("known", ChangeKind::Note),
    ("misc", ChangeKind::Note),
    ("other", ChangeKind::Note),
    ("info", ChangeKind::Note),
    ("important", ChangeKind::Note),
    ("doc", ChangeKind::Note),
    ("test", ChangeKind::Note),
    ("highlight", ChangeKind::Note),
];

/// The kind one word says, in lower case.
pub(super) fn of_word(word: &str) -> Option<ChangeKind> {
    if word == "new" {
        return Some(ChangeKind::Addition);
    }
    WORDS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, kind)| *kind)
}

/// Is the word one that says a kind, and not a name that begins like one: `Documents`, `Testimonials`?
pub(super) fn is_word(word: &str) -> bool {
    /// What these words end with.
    const ENDINGS: [&str; 38] = [
        "",
        "s",
        "es",
        "ed",
        "e",
        "d",
        "ing",
        "al",
        "ity",
        "ility",
        "ilities",
        "le",
        "uage",
        "uages",
        "ation",
        "ations",
        "ated",
        "sation",
        "zation",
        "zed",
        "sed",
        "ze",
        "ition",
        "itions",
        "itional",
        "ure",
        "ures",
        "ement",
        "ements",
        "ments",
        "umentation",
        "umented",
        "aneous",
        "ormance",
        "fixes",
        "fix",
        "fixed",
        "ies",
    ];
    let ends = |start: &str| word.strip_prefix(start).is_some_and(|end| ENDINGS.contains(&end));
    word == "new" || WORDS.iter().any(|(start, _)| ends(start))
}

/// The kind a heading says; emoji and marks around its words do not matter.
pub(super) fn of_heading(words: &str) -> Option<ChangeKind> {
    let lower = words.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|w| !w.is_empty());
    words.find_map(of_word)
}

/// The kind of a label in brackets: `[Fix]`, `(C)`, `[HIGH]`.
pub(super) fn of_label(label: &str, legend: &Legend) -> Option<ChangeKind> {
    let label = label.trim().to_lowercase();
    let mut letters = label.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return legend.get(letter).or(match letter {
            's' => Some(ChangeKind::Security),
            'f' | 'b' => Some(ChangeKind::Fix),
            'l' => Some(ChangeKind::Language),
            'a' => Some(ChangeKind::Addition),
            'c' => Some(ChangeKind::Change),
            'r' => Some(ChangeKind::Remove),
            'n' => Some(ChangeKind::Note),
            _ => None,
        });
    }
    if label.split_whitespace().count() > 3 {
        return None;
    }
    match label.as_str() {
        // How bad an error was.
        "critical" | "high" | "medium" | "moderate" | "low" | "minor" | "major" | "trivial" => {
            Some(ChangeKind::Fix)
        }
        _ => of_heading(&label),
    }
}

/// What the marks at the beginning of lines mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend {
    /// As the file itself says.
    declared: BTreeMap<char, ChangeKind>,
    /// Marks are used beyond those of a Markdown list.
    pub(super) is_used: bool,
    /// `*` and `-` are marks too, and not how every list is written.
    pub(super) has_bullets: bool,
}

impl Legend {
    /// Joomla's own marks, and `~`, which several makers have for a change.
    pub(super) fn joomla(mark: char) -> Option<ChangeKind> {
        Some(match mark {
            '*' => ChangeKind::Security,
            '#' => ChangeKind::Fix,
            '$' => ChangeKind::Language,
            '+' => ChangeKind::Addition,
            '^' | '~' => ChangeKind::Change,
            '-' => ChangeKind::Remove,
            '!' => ChangeKind::Note,
            _ => return None,
        })
    }

    fn get(&self, mark: char) -> Option<ChangeKind> {
        self.declared.get(&mark).copied().or_else(|| Self::joomla(mark))
    }

    /// Does the file say what its marks mean?
    pub(super) fn is_declared(&self) -> bool {
        self.declared.len() > 1
    }

    /// Takes what a line of the file's own legend says: `* -> Security Fix`, `(#) Bug Fix`,
    /// `- Bug Fix (-)`.
    pub(super) fn declare(&mut self, line: &str) {
        let line = line.trim().trim_start_matches('\\');
        let in_brackets = |text: &str| {
            let text = text.trim_matches(['(', ')', '[', ']', '*', '`', ' ']);
            let mut letters = text.chars();
            letters.next().filter(|mark| letters.next().is_none() && Self::joomla(*mark).is_some())
        };
        let (mark, words) = if let Some((words, mark)) = line.rsplit_once('(')
            && let Some(mark) = in_brackets(mark)
        {
            (Some(mark), words)
        } else {
            let line = line.trim_start_matches(['(', '[', '`']);
            let mut letters = line.chars();
            let mark = letters.next();
            let words = letters.as_str();
            // Behind an arrow any mark may be meant.
            let is_said = words.trim_start().starts_with("->");
            let may_be = |mark: &char| {
                Self::joomla(*mark).is_some() || (is_said && mark.is_ascii_punctuation())
            };
            (mark.filter(may_be), words)
        };
        let kind = of_heading(words).or(words.contains("->").then_some(ChangeKind::Note));
        if let (Some(mark), Some(kind)) = (mark, kind) {
            self.declared.insert(mark, kind);
        }
    }

    /// The kind a mark before a line's text means here.
    pub(super) fn of_mark(&self, mark: char) -> Option<ChangeKind> {
        let kind = self.get(mark)?;
        let is_meant = match mark {
            '*' | '-' => self.is_used && self.has_bullets,
            '+' => self.is_used,
            _ => true,
        };
        is_meant.then_some(kind)
    }
}
