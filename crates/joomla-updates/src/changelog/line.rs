//! The lines of a changelog, and what each is by its form: a heading, a bold line, an item, a rule.
//!
//! Called by `markdown`. Must not import: `token`.

use std::collections::HashMap;

use super::body;
use super::heading::{self, Named};
use super::kinds::Legend;

/// The longest line that may be a heading without a mark of Markdown, in bytes.
const LONGEST_PLAIN: usize = 120;

/// A line.
pub(super) struct Line<'t> {
    /// From 1.
    pub(super) number: usize,
    /// As it stands there.
    pub(super) text: &'t str,
    /// The blanks before it; a tab is four.
    pub(super) indent: usize,
    /// The text of an item of a list, without its sign.
    pub(super) item: Option<&'t str>,
    /// A mark that may be one of Joomla's or of the file's own, and the text behind it.
    pub(super) mark: Option<(char, &'t str)>,
    /// What it is.
    pub(super) form: LineForm<'t>,
}

/// What a line is.
pub(super) enum LineForm<'t> {
    /// Nothing.
    Blank,
    /// `---`.
    Rule,
    /// In a block of code.
    Verbatim,
    /// A heading with its level, without its marks.
    Heading {
        /// From 1.
        level: usize,
        /// Its text.
        text: &'t str,
    },
    /// A line that begins with bold words.
    Bold {
        /// Without the marks.
        words: &'t str,
        /// What stands behind them.
        rest: &'t str,
    },
    /// Anything else.
    Text,
}

/// All lines.
pub(super) struct ChangelogLines<'t> {
    /// Those that say something, in their order.
    pub(super) list: Vec<Line<'t>>,
    /// `[1.2.3]: https://…`, by the name in lower case.
    pub(super) references: HashMap<String, &'t str>,
    /// Which marks are used.
    pub(super) legend: Legend,
}

impl<'t> ChangelogLines<'t> {
    /// The lines of a text.
    pub(super) fn of(text: &'t str) -> Self {
        let raw: Vec<&str> = text.lines().collect();
        let mut lines =
            Self { list: Vec::new(), references: HashMap::new(), legend: Legend::default() };
        let mut marks = Marks::default();
        let mut at = start(&raw);
        let mut closings = Closings::of(&raw);
        let mut fence = None;
        while let Some(text) = raw.get(at).copied() {
            let mut line = Line::new(at + 1, text);
            let next = raw.get(at + 1).copied().unwrap_or_default();
            at += 1;
            let trimmed = text.trim();
            if let Some(mark) = fence {
                line.form = LineForm::Verbatim;
                if trimmed.starts_with(mark) {
                    fence = None;
                }
            } else if trimmed.is_empty() {
                line.form = LineForm::Blank;
            } else if trimmed.starts_with("<!--") && closings.has_comment_end(at) {
                while !raw.get(at - 1).is_some_and(|line| line.contains("-->")) {
                    at += 1;
                }
                continue;
            } else if let Some(mark) =
                ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark))
                && closings.has_fence(mark, at)
            {
                line.form = LineForm::Verbatim;
                fence = Some(mark);
            } else if let Some((name, target)) = reference(trimmed) {
                lines.references.insert(name, target);
                continue;
            } else if is_rule(trimmed) {
                line.form = LineForm::Rule;
            } else if let Some(level) = underline(next.trim(), text, &line, lines.list.last()) {
                line.form = LineForm::Heading { level, text: trimmed };
                at += 1;
            } else {
                line.form = form(trimmed, line.indent);
                marks.count(&line);
            }
            lines.list.push(line);
        }
        lines.legend.is_used = marks.others > 0;
        lines.legend.has_bullets = marks.are_bullets_marks();
        lines
    }
}

impl<'t> Line<'t> {
    fn new(number: usize, text: &'t str) -> Self {
        let blanks = text.chars().take_while(|letter| matches!(letter, ' ' | '\t'));
        let indent = blanks.map(|letter| if letter == '\t' { 4 } else { 1 }).sum();
        let trimmed = text.trim();
        let mark = trimmed.strip_prefix('\\').unwrap_or(trimmed);
        let mut letters = mark.chars();
        let mark = letters
            .next()
            .filter(char::is_ascii_punctuation)
            .map(|mark| (mark, letters.as_str()))
            .filter(|(_, rest)| rest.starts_with([' ', '\t']))
            .map(|(mark, rest)| (mark, rest.trim_start()));
        Self { number, text, indent, item: item(trimmed), mark, form: LineForm::Text }
    }

    /// Does it begin with a mark, a blank and a text?
    pub(super) fn is_marked(&self) -> bool {
        self.mark.is_some()
    }

    /// Could it be nothing but a version?
    pub(super) fn may_be_version(&self) -> bool {
        self.indent < 4
            && self.text.len() <= 4 * LONGEST_PLAIN
            && self.text.bytes().any(|byte| byte.is_ascii_digit())
            && !matches!(self.mark, Some(('!' | '^' | '$' | '#', _)))
    }
}

/// How often marks stand at the beginning of lines.
#[derive(Default)]
struct Marks {
    /// Those that mean nothing in Markdown.
    others: usize,
    stars: usize,
    dashes: usize,
    plus: usize,
}

impl Marks {
    fn count(&mut self, line: &Line<'_>) {
        match line.mark {
            Some(('^' | '$' | '!' | '~', _)) => self.others += 1,
            Some(('*', _)) => self.stars += 1,
            Some(('-', _)) => self.dashes += 1,
            Some(('+', _)) => self.plus += 1,
            _ => {}
        }
    }

    /// One that stands before most lines is how the maker writes lists.
    fn are_bullets_marks(&self) -> bool {
        let others = self.others + self.plus;
        self.stars <= others && self.dashes <= others
    }
}

/// The last lines that may end a block, so that one without an end is none.
struct Closings {
    ticks: usize,
    tildes: usize,
    comment: usize,
}

impl Closings {
    fn of(raw: &[&str]) -> Self {
        let last = |holds: &dyn Fn(&str) -> bool| {
            raw.iter().rposition(|line| holds(line)).map_or(0, |at| at + 1)
        };
        Self {
            ticks: last(&|line| line.trim().starts_with("```")),
            tildes: last(&|line| line.trim().starts_with("~~~")),
            comment: last(&|line| line.contains("-->")),
        }
    }

    fn has_fence(&mut self, mark: &str, number: usize) -> bool {
        number < if mark == "```" { self.ticks } else { self.tildes }
    }

    fn has_comment_end(&mut self, number: usize) -> bool {
        number <= self.comment
    }
}

/// Where the text begins: behind `<?php die(); ?>` or the fields of a page's generator.
fn start(raw: &[&str]) -> usize {
    let first = raw.first().map(|line| line.trim()).unwrap_or_default();
    if first.starts_with("<?php") && first.ends_with("?>") {
        return 1;
    }
    let fields = raw.iter().skip(1).take(40).position(|line| line.trim_end() == "---");
    match fields {
        Some(end) if first == "---" => end + 2,
        _ => 0,
    }
}

fn reference(trimmed: &str) -> Option<(String, &str)> {
    let (name, target) = trimmed.strip_prefix('[')?.split_once("]:")?;
    let target = target.trim();
    let is_one = !target.is_empty() && !target.contains(char::is_whitespace);
    (is_one && !name.contains(['[', ']'])).then(|| (name.to_lowercase(), target))
}

fn is_rule(trimmed: &str) -> bool {
    ['-', '=', '*', '_', '~', '#', '+'].iter().any(|mark| {
        trimmed.chars().filter(|letter| letter == mark).count() >= 3
            && trimmed.chars().all(|letter| letter == *mark || letter == ' ')
    })
}

/// The level an underline gives this line.
fn underline(next: &str, text: &str, line: &Line<'_>, before: Option<&Line<'_>>) -> Option<usize> {
    let mark = next.chars().next().filter(|mark| ['=', '-', '~'].contains(mark))?;
    if next.len() < 3 || !next.chars().all(|letter| letter == mark) || text.len() > LONGEST_PLAIN {
        return None;
    }
    let level = match mark {
        '=' => 1,
        '-' => 2,
        _ => 3,
    };
    let is_fresh =
        before.is_none_or(|before| matches!(before.form, LineForm::Blank | LineForm::Rule));
    let is_version = || matches!(heading::read(&body::words(text)), Named::Version(_));
    let is_text =
        line.item.is_none() && line.indent < 4 && !text.trim_start().starts_with(['#', '>', '|']);
    // Three tildes may begin a block of code.
    let is_heading = is_text && if mark == '~' { is_version() } else { is_fresh || is_version() };
    is_heading.then_some(level)
}

fn form(trimmed: &str, indent: usize) -> LineForm<'_> {
    if indent < 4
        && let Some((level, text)) = hashed(trimmed)
    {
        return LineForm::Heading { level, text };
    }
    if let Some((level, text)) = in_html(trimmed) {
        return LineForm::Heading { level, text };
    }
    for mark in ["**", "__"] {
        if let Some((words, rest)) =
            trimmed.strip_prefix(mark).and_then(|rest| rest.split_once(mark))
        {
            return LineForm::Bold { words: words.trim(), rest };
        }
    }
    for (start, end) in [("<b>", "</b>"), ("<strong>", "</strong>")] {
        if let Some((words, rest)) =
            trimmed.strip_prefix(start).and_then(|rest| rest.split_once(end))
        {
            return LineForm::Bold { words: words.trim(), rest };
        }
    }
    // `------ 1.2.3 ------`, `= 1.2.3 =`
    let inner = trimmed.trim_matches(['-', '=', '~', '_', '*']);
    let is_framed = |inner: &str| {
        inner.len() + 2 <= trimmed.len()
            && inner.starts_with(' ')
            && trimmed.starts_with(['-', '=', '~', '_', '*'])
            && trimmed.ends_with(['-', '=', '~', '_', '*'])
    };
    if is_framed(inner) && matches!(heading::read(inner), Named::Version(_)) {
        return LineForm::Heading { level: 2, text: inner.trim() };
    }
    LineForm::Text
}

/// `## words`, also `##words`; a single `#` needs a blank or a version behind it: `#123` is a number.
fn hashed(trimmed: &str) -> Option<(usize, &str)> {
    let rest = trimmed.trim_start_matches('#');
    let level = trimmed.len() - rest.len();
    let is_heading = (1..=6).contains(&level)
        && (rest.is_empty()
            || rest.starts_with([' ', '\t'])
            || level > 1
            || matches!(heading::read(rest), Named::Version(found) if !found.has_name && rest.contains('.')));
    is_heading.then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

/// `<h3>words</h3>`
fn in_html(trimmed: &str) -> Option<(usize, &str)> {
    let rest = trimmed.strip_prefix("<h").or_else(|| trimmed.strip_prefix("<H"))?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    let (_, text) = rest.split_once('>')?;
    let end = text.to_ascii_lowercase().find("</h")?;
    Some((usize::try_from(level).ok()?, text.get(..end)?))
}

/// The text of an item of a list.
fn item(trimmed: &str) -> Option<&str> {
    let digits = trimmed.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let count = trimmed.len() - digits.len();
    let rest = if (1..=3).contains(&count) {
        digits.strip_prefix(['.', ')'])?
    } else {
        trimmed.strip_prefix(['-', '*', '+', '•', '·', '–'])?
    };
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}
