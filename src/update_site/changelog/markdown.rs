//! A changelog in Markdown, as most projects keep it: `## 1.2.3 - 2026-01-31` for a version, `### Fixed`
//! for a kind of change, a list of changes.

use std::collections::HashSet;

use pulldown_cmark::{Event, HeadingLevel, OffsetIter, Parser, Tag, html};

use super::{Changelog, Kind, Problem, Version, Wrong};

/// Reads a changelog. Every text is one; what means nothing is reported and left out.
#[must_use]
pub fn read(text: &str) -> Changelog {
    let mut reader = Reader::default();
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut events = Parser::new(text).into_offset_iter();
    while let Some((event, place)) = events.next() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => drop(inside(&mut events)),
            Event::Start(Tag::Heading { level, .. }) => {
                let heading = words(&inside(&mut events));
                let line = lines.of(place.start);
                match level {
                    HeadingLevel::H2 => reader.version(heading, line),
                    _ => reader.kind(heading, line),
                }
            }
            Event::Start(Tag::Item | Tag::Paragraph) => reader.change(&inside(&mut events)),
            // A list is its items.
            Event::Start(Tag::List(_)) => {}
            Event::Start(tag) => {
                let mut block = inside(&mut events);
                let end = tag.to_end();
                block.insert(0, Event::Start(tag));
                block.push(Event::End(end));
                reader.change(&block);
            }
            _ => {}
        }
    }
    reader.changelog
}

#[derive(Default)]
struct Reader {
    changelog: Changelog,
    /// The versions so far.
    numbers: HashSet<String>,
    /// Below a version's heading, and which kind of change follows.
    kind: Option<Kind>,
}

impl Reader {
    fn version(&mut self, heading: String, line: usize) {
        self.kind = None;
        let is_unreleased = heading.trim().eq_ignore_ascii_case("unreleased");
        let what = match version_in(&heading) {
            None if is_unreleased => return,
            None => Wrong::NoVersion,
            Some(number) if self.numbers.contains(number) => Wrong::SecondTime,
            Some(number) => {
                let number = number.to_owned();
                self.numbers.insert(number.clone());
                self.changelog.versions.push(Version { number, changes: Vec::new() });
                self.kind = Some(Kind::Note);
                return;
            }
        };
        self.changelog.problems.push(Problem { line, heading, what });
    }

    fn kind(&mut self, heading: String, line: usize) {
        if self.kind.is_none() {
            return;
        }
        let found = kind_in(&heading);
        self.kind = Some(found.unwrap_or(Kind::Note));
        if found.is_none() {
            self.changelog.problems.push(Problem { line, heading, what: Wrong::NoKind });
        }
    }

    fn change(&mut self, events: &[Event<'_>]) {
        let Some(kind) = self.kind else { return };
        let mut html = String::new();
        html::push_html(&mut html, events.iter().cloned());
        if let Some(version) = self.changelog.versions.last_mut()
            && !html.trim().is_empty()
        {
            version.changes.push((kind, html));
        }
    }
}

/// What stands between the start that was just read and its end. HTML becomes text: who writes `<b>`
/// in a changelog means the four letters as often as not.
fn inside<'t>(events: &mut OffsetIter<'t>) -> Vec<Event<'t>> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (event, _) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => break,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        found.push(match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            other => other,
        });
    }
    found
}

fn words(events: &[Event<'_>]) -> String {
    let mut out = String::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            _ => {}
        }
    }
    out
}

/// `1.2.3` of `[1.2.3] - 2026-01-31`, `v1.2.3` and `Version 1.2.3 (beta)`.
fn version_in(heading: &str) -> Option<&str> {
    let around = |letter: char| "[](),:;".contains(letter);
    let mut words = heading.split_whitespace().map(|word| word.trim_matches(around));
    let first = words.next()?;
    let word = if first.eq_ignore_ascii_case("version") { words.next()? } else { first };
    let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
    number.starts_with(|letter: char| letter.is_ascii_digit()).then_some(number)
}

fn kind_in(heading: &str) -> Option<Kind> {
    /// How the headings of a kind begin.
    const KINDS: [(&str, Kind); 13] = [
        ("secur", Kind::Security),
        ("fix", Kind::Fix),
        ("bug", Kind::Fix),
        ("lang", Kind::Language),
        ("transl", Kind::Language),
        ("add", Kind::Addition),
        ("new", Kind::Addition),
        ("chang", Kind::Change),
        ("improv", Kind::Change),
        ("deprec", Kind::Change),
        ("remov", Kind::Remove),
        ("note", Kind::Note),
        ("known", Kind::Note),
    ];
    let heading = heading.trim().to_lowercase();
    KINDS.iter().find(|(start, _)| heading.starts_with(start)).map(|(_, kind)| *kind)
}

/// Counts lines, once for the whole text.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a place behind the last one that was asked for, from 1.
    fn of(&mut self, place: usize) -> usize {
        self.line += self.text.get(self.at..place).map_or(0, |text| text.matches('\n').count());
        self.at = self.at.max(place);
        self.line
    }
}
