//! The changes of one version: lines by their kind, and the HTML they become.
//!
//! Filled by `markdown`, line by line. Must not import: `kinds`.

use std::collections::HashMap;

use pulldown_cmark::{BrokenLink, Event, OffsetIter, Options, Parser, Tag, html};

use super::ChangeKind;

/// The lines below a version's heading.
#[derive(Default)]
pub(super) struct VersionBody {
    sections: Vec<Section>,
    /// The blanks before the items of the outermost list.
    base: Option<usize>,
    /// A kind begins: what follows does not go on with what was before.
    is_ended: bool,
}

struct Section {
    kind: ChangeKind,
    text: String,
    /// The blanks before its first line.
    indent: usize,
}

impl VersionBody {
    pub(super) fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Does an item with so many blanks before it stand in the outermost list?
    pub(super) fn is_at_top(&self, indent: usize) -> bool {
        self.base.is_none_or(|base| indent <= base + 1)
    }

    pub(super) fn end_section(&mut self) {
        self.base = None;
        self.is_ended = true;
    }

    /// Takes an item of the outermost list.
    pub(super) fn item(&mut self, kind: ChangeKind, line: &str, indent: usize) {
        self.base.get_or_insert(indent);
        self.section(kind, line);
        // What Markdown does not know as a list.
        let text = line.trim_start();
        match text.strip_prefix(['•', '·', '–']) {
            Some(rest) => self.push(&format!("- {}", rest.trim_start())),
            None => self.push(line),
        }
    }

    /// Takes a change whose kind stood before it.
    pub(super) fn marked(&mut self, kind: ChangeKind, text: &str) {
        self.section(kind, "");
        self.push(&format!("- {text}"));
    }

    /// Takes any other line; it goes on with the last item unless it begins anew at the left.
    pub(super) fn line(&mut self, kind: ChangeKind, line: &str, is_fresh: bool) {
        if self.is_ended || self.sections.is_empty() || (is_fresh && !line.starts_with([' ', '\t']))
        {
            self.section(kind, line);
        }
        self.push(line);
    }

    pub(super) fn blank(&mut self) {
        if !self.is_ended && !self.sections.is_empty() {
            self.push("");
        }
    }

    fn section(&mut self, kind: ChangeKind, line: &str) {
        let is_other = self.sections.last().is_none_or(|section| section.kind != kind);
        if is_other || self.is_ended {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            self.sections.push(Section { kind, text: String::new(), indent });
        }
        self.is_ended = false;
    }

    fn push(&mut self, line: &str) {
        if let Some(section) = self.sections.last_mut() {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            let cut = blanks.min(section.indent);
            section.text.push_str(line.get(cut..).unwrap_or_default());
            section.text.push('\n');
        }
    }
}

/// The changes in HTML, in the order of the file.
pub(super) fn changes(
    body: &VersionBody,
    references: &HashMap<String, &str>,
) -> Vec<(ChangeKind, String)> {
    let mut found = Vec::new();
    for section in &body.sections {
        let known = |link: BrokenLink<'_>| {
            let target = references.get(&link.reference.to_lowercase())?;
            Some(((*target).to_owned().into(), "".into()))
        };
        let parser =
            Parser::new_with_broken_link_callback(&section.text, Options::empty(), Some(known));
        let mut events = parser.into_offset_iter();
        while let Some((event, _)) = events.next() {
            let block = match event {
                Event::Start(Tag::Item | Tag::Paragraph | Tag::Heading { .. }) => {
                    inside(&mut events)
                }
                // A list is its items.
                Event::Start(Tag::List(_)) => continue,
                Event::Start(tag) => {
                    let mut block = inside(&mut events);
                    let end = tag.to_end();
                    block.insert(0, Event::Start(tag));
                    block.push(Event::End(end));
                    block
                }
                _ => continue,
            };
            let mut html = String::new();
            html::push_html(&mut html, block.into_iter());
            if !html.trim().is_empty() {
                found.push((section.kind, html));
            }
        }
    }
    found
}

/// The words of one line of Markdown, without its marks and without HTML.
pub(super) fn words(text: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(text.trim()) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::InlineHtml(_) => out.push(' '),
            _ => {}
        }
    }
    out
}

/// What stands between the start that was just read and its end. HTML becomes text: who writes `<b>`
/// in a changelog means the four letters as often as not.
fn inside<'t, F>(events: &mut OffsetIter<'t, F>) -> Vec<Event<'t>>
where
    F: pulldown_cmark::BrokenLinkCallback<'t>,
{
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
