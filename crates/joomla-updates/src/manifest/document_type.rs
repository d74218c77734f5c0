//! A document type declaration: whether it only names things, and so can be skipped.
//!
//! Called by `facts`. No file it names is ever opened, and no entity is taken from it.

use super::xml_names::{is_blank, is_name};

/// The contents of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentType {
    /// Only names: `<!DOCTYPE extension PUBLIC "…" "…">`.
    Plain,
    /// Declarations of its own, in `[…]`.
    WithSubset,
}

impl DocumentType {
    /// Reads a whole declaration, from `<!DOCTYPE` to `>`; `None` if XML has no such form.
    pub(super) fn read(declaration: &str) -> Option<Self> {
        let inner = declaration.strip_prefix("<!DOCTYPE")?.strip_suffix('>')?;
        let rest = blanks(inner)?;
        let end = rest.find(|letter: char| is_blank(letter) || letter == '[').unwrap_or(rest.len());
        let (name, mut rest) = rest.split_at(end);
        if !is_name(name) {
            return None;
        }
        if let Some(id) = blanks(rest).and_then(|rest| rest.strip_prefix("PUBLIC")) {
            rest = literal(blanks(literal(blanks(id)?)?)?)?;
        } else if let Some(id) = blanks(rest).and_then(|rest| rest.strip_prefix("SYSTEM")) {
            rest = literal(blanks(id)?)?;
        }
        match rest.trim_start_matches(is_blank) {
            "" => Some(Self::Plain),
            subset => subset.starts_with('[').then_some(Self::WithSubset),
        }
    }
}

/// Returns the text after one or more blanks.
fn blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(is_blank);
    (rest.len() < text.len()).then_some(rest)
}

/// Returns the text after a literal in quotes.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|letter| "'\"".contains(*letter))?;
    text.get(1..)?.split_once(quote).map(|(_, rest)| rest)
}
