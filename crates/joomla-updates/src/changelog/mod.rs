//! The changes of an extension's versions, and the XML in which Joomla 4 and later read them.
//!
//! [`markdown`] reads a changelog as its maker writes it, [`written`] reads one that is Joomla's
//! XML already.

mod body;
mod dates;
mod heading;
mod kinds;
mod line;
pub mod markdown;
mod opened;
mod said;
mod token;
pub mod written;

use std::fmt;

use super::extension::Extension;
use super::xml::{XmlText, escape};

/// The kind of a change: the headings that Joomla has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ChangeKind {
    /// A hole that was closed.
    Security,
    /// An error that was mended.
    Fix,
    /// A language that was added or bettered.
    Language,
    /// Something new.
    Addition,
    /// Something that works otherwise.
    Change,
    /// Something that is gone.
    Remove,
    /// Anything else.
    Note,
}

impl ChangeKind {
    /// Its element in the XML.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A version and its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version, as in the extension's manifest.
    pub number: String,
    /// The changes in HTML, in the order of the file.
    pub changes: Vec<(ChangeKind, String)>,
}

/// A changelog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changelog {
    /// In the order of the file; no version twice.
    pub versions: Vec<Version>,
    /// Headings without a meaning, for the maker to correct.
    pub problems: Vec<Problem>,
    /// Its XML if the maker wrote it: given as it is.
    pub written: Option<String>,
}

impl Changelog {
    /// Does it say something about this version?
    #[must_use]
    pub fn knows(&self, number: &str) -> bool {
        self.versions.iter().any(|version| version.number == number)
    }

    /// The XML Joomla asks for behind `<changelogurl>`. Joomla looks for element, type and version.
    #[must_use]
    pub fn xml(&self, extension: &Extension) -> String {
        if let Some(written) = &self.written {
            return written.clone();
        }
        let mut out = XmlText::document();
        out.line(0, "<changelogs>");
        for version in &self.versions {
            out.line(1, "<changelog>");
            out.element("element", &extension.element);
            out.element("type", extension.kind.name());
            out.element("version", &version.number);
            let mut changes: Vec<_> = version.changes.iter().collect();
            changes.sort_by_key(|(kind, _)| *kind);
            for group in changes.chunk_by(|one, other| one.0 == other.0) {
                let Some((kind, _)) = group.first() else { continue };
                let name = kind.name();
                out.line(2, &format!("<{name}>"));
                for (_, html) in group {
                    // Joomla shows an item's text as HTML; line ends matter in preformatted text.
                    let lines: Vec<_> = html.trim_end().lines().map(escape).collect();
                    out.line(3, &format!("<item>{}</item>", lines.join("\n")));
                }
                out.line(2, &format!("</{name}>"));
            }
            out.line(1, "</changelog>");
        }
        out.line(0, "</changelogs>");
        out.0
    }
}

/// A line of a changelog that has no meaning here. The message tells how to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// The heading.
    pub heading: String,
    /// The problem with it.
    pub what: Wrong,
}

/// The problem with a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It names no version.
    NoVersion,
    /// Its version has one already.
    SecondTime,
    /// It is none of Joomla's kinds.
    NoKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: the heading `{}` ", self.line, self.heading)?;
        out.write_str(match self.what {
            Wrong::NoVersion => {
                "names no version, so the text below it is left out: write `## 1.2.3`"
            }
            Wrong::SecondTime => {
                "names a version that was there before, so the text below it is left out: put both \
                 together"
            }
            Wrong::NoKind => {
                "is none of Security, Fixed, Language, Added, Changed, Removed and Notes, so the text \
                 below it becomes notes"
            }
        })
    }
}
