//! The kind of a change by the words and marks makers use: `Bug fixes`, `[Feature]`, `^ changed`.
//!
//! Called by `markdown` and `heading`. It must not know where in a changelog a word stands.

use std::collections::BTreeMap;

use super::Kind;

/// How words that say a kind begin. The first word of a heading that says one counts.
const WORDS: [(&str, Kind); 49] = [
    ("secur", Kind::Security),
    ("vulnerab", Kind::Security),
    ("fix", Kind::Fix),
    ("bug", Kind::Fix),
    ("hotfix", Kind::Fix),
    ("resolved", Kind::Fix),
    ("corrected", Kind::Fix),
    ("correction", Kind::Fix),
    ("lang", Kind::Language),
    ("transl", Kind::Language),
    ("locali", Kind::Language),
    ("add", Kind::Addition),
    ("feat", Kind::Addition),
    ("introduc", Kind::Addition),
    ("implement", Kind::Addition),
    ("chang", Kind::Change),
    ("improv", Kind::Change),
    ("enhanc", Kind::Change),
    ("break", Kind::Change),
    ("updat", Kind::Change),
    ("upgrad", Kind::Change),
    ("optimi", Kind::Change),
    ("perf", Kind::Change),
    ("refactor", Kind::Change),
    ("rework", Kind::Change),
    ("renam", Kind::Change),
    ("moved", Kind::Change),
    ("depend", Kind::Change),
    ("tweak", Kind::Change),
    ("clean", Kind::Change),
    ("compat", Kind::Change),
    ("maint", Kind::Change),
    ("intern", Kind::Change),
    ("chore", Kind::Change),
    ("housekeep", Kind::Change),
    ("modif", Kind::Change),
    ("deprec", Kind::Change),
    ("remov", Kind::Remove),
    ("delet", Kind::Remove),
    ("dropped", Kind::Remove),
    ("note", Kind::Note),
    ("known", Kind::Note),
    ("misc", Kind::Note),
    ("other", Kind::Note),
    ("info", Kind::Note),
    ("important", Kind::Note),
    ("doc", Kind::Note),
    ("test", Kind::Note),
    ("highlight", Kind::Note),
];

/// The kind one word says, in lower case.
pub(super) fn of_word(word: &str) -> Option<Kind> {
    if word == "new" {
        return Some(Kind::Addition);
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
pub(super) fn of_heading(words: &str) -> Option<Kind> {
    let lower = words.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|w| !w.is_empty());
    words.find_map(of_word)
}

/// The kind of a label in brackets: `[Fix]`, `(C)`, `[HIGH]`.
pub(super) fn of_label(label: &str, legend: &Legend) -> Option<Kind> {
    let label = label.trim().to_lowercase();
    let mut letters = label.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return legend.get(letter).or(match letter {
            's' => Some(Kind::Security),
            'f' | 'b' => Some(Kind::Fix),
            'l' => Some(Kind::Language),
            'a' => Some(Kind::Addition),
            'c' => Some(Kind::Change),
            'r' => Some(Kind::Remove),
            'n' => Some(Kind::Note),
            _ => None,
        });
    }
    if label.split_whitespace().count() > 3 {
        return None;
    }
    match label.as_str() {
        // How bad an error was.
        "critical" | "high" | "medium" | "moderate" | "low" | "minor" | "major" | "trivial" => {
            Some(Kind::Fix)
        }
        _ => of_heading(&label),
    }
}

/// What the marks at the beginning of lines mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend {
    /// As the file itself says.
    declared: BTreeMap<char, Kind>,
    /// Marks are used beyond those of a Markdown list.
    pub(super) is_used: bool,
    /// `*` and `-` are marks too, and not how every list is written.
    pub(super) has_bullets: bool,
}

impl Legend {
    /// Joomla's own marks, and `~`, which several makers have for a change.
    pub(super) fn joomla(mark: char) -> Option<Kind> {
        Some(match mark {
            '*' => Kind::Security,
            '#' => Kind::Fix,
            '$' => Kind::Language,
            '+' => Kind::Addition,
            '^' | '~' => Kind::Change,
            '-' => Kind::Remove,
            '!' => Kind::Note,
            _ => return None,
        })
    }

    fn get(&self, mark: char) -> Option<Kind> {
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
        let kind = of_heading(words).or(words.contains("->").then_some(Kind::Note));
        if let (Some(mark), Some(kind)) = (mark, kind) {
            self.declared.insert(mark, kind);
        }
    }

    /// The kind a mark before a line's text means here.
    pub(super) fn of_mark(&self, mark: char) -> Option<Kind> {
        let kind = self.get(mark)?;
        let is_meant = match mark {
            '*' | '-' => self.is_used && self.has_bullets,
            '+' => self.is_used,
            _ => true,
        };
        is_meant.then_some(kind)
    }
}
