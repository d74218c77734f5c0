//! A version that is being read, and how it is written.
//!
//! Filled by `markdown`, which decides which lines belong to it.

use super::body::VersionBody;

/// How a version is written; the first one says how those that follow are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// A heading with `#`, an underline or HTML, with its level.
    Heading(usize),
    /// A bold line.
    Bold,
    /// An item of a list, with the changes as items below it.
    Item,
    /// A line of its own.
    Plain,
}

impl Style {
    /// Returns its level among headings: a larger one stands below.
    pub(super) fn level(self) -> usize {
        match self {
            Self::Heading(level) => level,
            Self::Bold => 7,
            Self::Item => 8,
            Self::Plain => 9,
        }
    }
}

/// A version with the lines below it so far.
pub(super) struct OpenVersion {
    pub(super) number: String,
    /// The version that stands in the same heading.
    pub(super) also: Option<String>,
    pub(super) style: Style,
    pub(super) is_title: bool,
    /// A heading for a kind stood below it: no other version follows in its list.
    pub(super) has_kinds: bool,
    pub(super) body: VersionBody,
}
