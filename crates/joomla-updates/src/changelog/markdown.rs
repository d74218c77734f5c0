//! A changelog as its maker writes it: headings of any form for the versions, headings, labels or
//! marks for the kinds of change, lists or lines for the changes.
//!
//! Takes one line after the other and hands each to the version and the kind it belongs to; `line`
//! classifies lines; `heading`, `said` and `kinds` classify words; `body` makes HTML of the
//! changes.

use std::collections::HashSet;

use super::body::{self, VersionBody};
use super::heading::{self, HeadingVersion, Named};
use super::kinds::{self, Legend};
use super::line::{ChangelogLines, Line, LineForm};
use super::opened::{OpenVersion, Style};
use super::said::{is_labelled, is_legend, is_silent, is_title, labelled, said_first};
use super::{ChangeKind, Changelog, Problem, Version, Wrong};

/// Reads a changelog. Every text is valid; lines without a meaning are reported and left out.
#[must_use]
pub fn read(text: &str) -> Changelog {
    let lines = ChangelogLines::of(text);
    let mut reader = MarkdownReader { legend: lines.legend.clone(), ..MarkdownReader::default() };
    for line in &lines.list {
        reader.take(line);
    }
    let mut changelog = Changelog { problems: reader.problems, ..Changelog::default() };
    for open in reader.versions {
        let changes = body::changes(&open.body, &lines.references);
        if let Some(number) = open.also {
            changelog.versions.push(Version { number, changes: changes.clone() });
        }
        changelog.versions.push(Version { number: open.number, changes });
    }
    changelog
}

#[derive(Default)]
struct MarkdownReader {
    legend: Legend,
    versions: Vec<OpenVersion>,
    /// The versions so far.
    numbers: HashSet<String>,
    /// Below a version's heading, and which kind of change follows.
    kind: Option<ChangeKind>,
    /// How the last version was written, even if none is open.
    style: Option<Style>,
    /// The last version stood behind `#`.
    is_hashed: bool,
    /// A heading without a version whose changes are left out, once there are some.
    left_out: Option<(usize, String)>,
    /// The file's own legend follows.
    in_legend: bool,
    /// The line before holds no text that could continue.
    is_fresh: bool,
    problems: Vec<Problem>,
}

impl MarkdownReader {
    fn take(&mut self, line: &Line<'_>) {
        let was_fresh = std::mem::replace(&mut self.is_fresh, false);
        match &line.form {
            LineForm::Verbatim => {
                if self.in_legend && self.kind.is_none() {
                    self.legend.declare(line.text);
                }
                self.content(line.text, false);
            }
            LineForm::Blank => {
                self.is_fresh = true;
                self.blank();
            }
            LineForm::Rule => self.is_fresh = true,
            LineForm::Heading { level, text } => {
                self.is_fresh = true;
                self.heading(*level, text, line);
            }
            LineForm::Bold { words, rest } => {
                if !self.bold(words, rest, line) {
                    self.content(line.text, was_fresh);
                }
            }
            LineForm::Text => self.text(line, was_fresh),
        }
    }

    fn heading(&mut self, level: usize, text: &str, line: &Line<'_>) {
        let words = body::words(text);
        // `# mended` is a heading of Markdown, and Joomla's mark of an error that was mended.
        if level == 1 && line.is_marked() {
            if self.in_legend {
                return self.legend.declare(line.text);
            }
            if self.is_fix(&words) {
                return self.marked(ChangeKind::Fix, text);
            }
        }
        self.in_legend = is_legend(&words);
        let own_level = self.kind.and(self.style).map(Style::level);
        match heading::read(&words) {
            Named::Version(found)
                if own_level.is_none_or(|own| level <= own || !found.has_name) =>
            {
                self.version(found, Style::Heading(level), line);
                self.is_hashed = line.text.trim_start().starts_with('#');
                return;
            }
            Named::Date if own_level.is_some_and(|own| level > own) => return,
            Named::Date => {
                self.close();
                self.left_out = Some((line.number, words));
                return;
            }
            Named::Version(_) | Named::Other => {}
        }
        let kind = kinds::of_heading(&words);
        match own_level {
            Some(own) if level > own => self.set_kind(kind, &words, line.number),
            Some(own) if level == own && kind.is_some() => self.set_kind(kind, &words, line.number),
            _ => self.without_version(level, words, line.number),
        }
    }

    /// Handles a heading that opens neither a version nor a kind.
    fn without_version(&mut self, level: usize, words: String, number: usize) {
        self.close();
        if is_silent(&words) || self.in_legend || (self.style.is_none() && is_title(&words)) {
            return;
        }
        let own = self.style.map_or(2, Style::level);
        if level == 1 {
            // A title; only its contents could be missed.
            self.left_out = self.style.map(|_| (number, words));
        } else if level <= own {
            self.problems.push(Problem { line: number, heading: words, what: Wrong::NoVersion });
        }
    }

    /// Handles a line that begins with bold words; `false` if it is not a heading.
    fn bold(&mut self, words: &str, rest: &str, line: &Line<'_>) -> bool {
        let whole = format!("{words} {}", body::words(rest));
        if let Named::Version(found) = heading::read(&whole)
            && found.is_alone
            && self.may_open(Style::Bold, &found)
        {
            self.version(found, Style::Bold, line);
            return true;
        }
        let is_whole = rest.trim_matches([' ', ':', '*']).is_empty();
        if is_whole && self.kind.is_some() && words.split_whitespace().count() <= 4 {
            if matches!(heading::read(words), Named::Date) {
                return true;
            }
            if let Some(kind) = kinds::of_heading(words) {
                self.set_kind(Some(kind), words, line.number);
                return true;
            }
        }
        self.in_legend |= is_whole && self.kind.is_none() && is_legend(words);
        false
    }

    fn text(&mut self, line: &Line<'_>, was_fresh: bool) {
        let trimmed = line.text.trim();
        if self.kind.is_none() && is_legend(trimmed) {
            self.in_legend = true;
            return;
        }
        if self.in_legend || (self.kind.is_none() && trimmed.contains("->")) {
            self.legend.declare(trimmed);
        }
        if line.may_be_version() && self.plain_version(line, was_fresh) {
            self.is_fresh = true;
            return;
        }
        if self.kind.is_none() {
            return self.tell_left_out();
        }
        if line.indent == 0
            && was_fresh
            && line.item.is_none()
            && let Some(words) = trimmed.strip_suffix(':')
            && words.split_whitespace().count() <= 3
            && let Some(kind) = kinds::of_heading(words)
        {
            self.set_kind(Some(kind), words, line.number);
            return;
        }
        if let Some((mark, text)) = line.mark
            && let Some(kind) = self.legend.of_mark(mark)
            && (mark != '#' || self.is_fix(text))
            && self.is_at_top(line)
        {
            // A label says more than a list's sign.
            let kind = labelled(text, &self.legend).map_or(kind, |(label, _)| match kind {
                ChangeKind::Note => label,
                _ => kind,
            });
            self.marked(kind, text);
            return;
        }
        let Some(text) = line.item.or_else(|| is_labelled(trimmed).then_some(trimmed)) else {
            return self.content(line.text, was_fresh);
        };
        if let Some((kind, text)) = labelled(text, &self.legend)
            && self.is_at_top(line)
        {
            self.marked(kind, text);
        } else if line.item.is_some() && self.is_at_top(line) {
            let kind = self.kind.unwrap_or(ChangeKind::Note);
            let kind =
                if kind == ChangeKind::Note { said_first(text).unwrap_or(kind) } else { kind };
            if let Some(open) = self.versions.last_mut() {
                open.body.item(kind, line.text, line.indent);
            }
        } else {
            self.content(line.text, was_fresh);
        }
    }

    /// Takes a line that is a version by itself, or begins with one and a dash.
    fn plain_version(&mut self, line: &Line<'_>, was_fresh: bool) -> bool {
        let style = if line.item.is_some() { Style::Item } else { Style::Plain };
        let is_begun = self.style == Some(style) || was_fresh || line.number == 1;
        let is_foreign = self.style.is_some_and(|own| own != style && self.kind.is_some());
        if !is_begun || is_foreign && !self.is_empty_now() {
            return false;
        }
        let text = line.item.unwrap_or(line.text);
        if let Named::Version(found) = heading::read(&body::words(text))
            && found.is_alone
            && self.may_open(style, &found)
        {
            self.version(found, style, line);
            return true;
        }
        let Some((start, change)) = text.split_once(": ").or_else(|| text.split_once(" - ")) else {
            return false;
        };
        if let Named::Version(found) = heading::read(&body::words(start))
            && !found.has_name
            && found.is_alone
            && self.may_open(style, &found)
        {
            self.version(found, style, line);
            let kind = said_first(change).unwrap_or(ChangeKind::Note);
            self.marked(kind, change);
            return true;
        }
        false
    }

    /// Returns whether this style may open a version: only headings do if the versions have
    /// headings.
    fn may_open(&self, style: Style, found: &HeadingVersion) -> bool {
        // Below a heading without a version, as `Older versions`, they may be written otherwise.
        let is_anew = self.kind.is_none() && style == Style::Bold && !found.has_name;
        self.style.is_none_or(|own| own >= style || self.is_empty_now() || is_anew)
            && (!found.has_name || self.kind.is_none() || self.style == Some(style))
    }

    fn is_empty_now(&self) -> bool {
        self.versions.last().is_some_and(|open| open.body.is_empty() && !open.has_kinds)
    }

    fn version(&mut self, found: HeadingVersion, style: Style, line: &Line<'_>) {
        self.end_group(&found, style);
        self.close();
        self.in_legend = false;
        self.left_out = None;
        self.style = Some(style);
        self.is_hashed = false;
        let HeadingVersion { number, also, .. } = found;
        if self.numbers.insert(number.clone()) {
            let is_title = found.is_title;
            let also = also.filter(|also| self.numbers.insert(also.clone()));
            self.versions.push(OpenVersion {
                number,
                also,
                style,
                is_title,
                has_kinds: false,
                body: VersionBody::default(),
            });
            self.kind = Some(ChangeKind::Note);
        } else {
            let heading = match &line.form {
                LineForm::Heading { text, .. } => body::words(text),
                _ => body::words(line.text),
            };
            self.problems.push(Problem { line: line.number, heading, what: Wrong::SecondTime });
        }
    }

    /// Handles `## 1.2` before `### 1.2.3`: it is not a version, but holds several.
    fn end_group(&mut self, next: &HeadingVersion, style: Style) {
        let is_group = |open: &OpenVersion| {
            let family = next.number.strip_prefix(open.number.as_str());
            open.body.is_empty()
                && open.style.level() < style.level()
                && (open.is_title || family.is_some_and(|rest| rest.starts_with(['.', '-'])))
        };
        while self.kind.is_some()
            && let Some(group) = self.versions.pop_if(|open| is_group(open))
        {
            self.numbers.remove(&group.number);
        }
    }

    fn close(&mut self) {
        self.kind = None;
        self.left_out = None;
    }

    fn set_kind(&mut self, kind: Option<ChangeKind>, words: &str, line: usize) {
        self.kind = Some(kind.unwrap_or(ChangeKind::Note));
        if let Some(open) = self.versions.last_mut() {
            open.has_kinds = true;
            open.body.end_section();
        }
        if kind.is_none() {
            let heading = words.to_owned();
            self.problems.push(Problem { line, heading, what: Wrong::NoKind });
        }
    }

    /// Is `# …` an error that was mended, and no heading?
    fn is_fix(&self, words: &str) -> bool {
        let is_version = match heading::read(words) {
            Named::Version(found) => !found.has_name || self.is_hashed,
            Named::Date | Named::Other => false,
        };
        let is_labelled = words.starts_with('[') && labelled(words, &self.legend).is_some();
        let is_meant = self.legend.is_declared() || self.legend.is_used || !self.is_hashed;
        self.kind.is_some() && !is_version && (is_meant || is_labelled)
    }

    fn is_at_top(&self, line: &Line<'_>) -> bool {
        self.versions.last().is_some_and(|open| open.body.is_at_top(line.indent))
    }

    /// Adds a change whose kind stands in its own line.
    fn marked(&mut self, kind: ChangeKind, text: &str) {
        if let Some(open) = self.versions.last_mut().filter(|_| self.kind.is_some()) {
            open.body.marked(kind, text);
        }
    }

    fn content(&mut self, text: &str, is_fresh: bool) {
        let Some(kind) = self.kind else { return };
        if let Some(open) = self.versions.last_mut() {
            open.body.line(kind, text, is_fresh);
        }
    }

    fn blank(&mut self) {
        if let Some(open) = self.versions.last_mut().filter(|_| self.kind.is_some()) {
            open.body.blank();
        }
    }

    /// Tells of a heading without a version once something stands below it.
    fn tell_left_out(&mut self) {
        if let Some((line, heading)) = self.left_out.take()
            && self.kind.is_none()
        {
            self.problems.push(Problem { line, heading, what: Wrong::NoVersion });
        }
    }
}
