//! One literal in quotes, for a lexer that stands in front of it.

use std::convert::Infallible;

use super::names::starts_name;
use super::token::{TemplatePart, TokenKind};
use crate::literal::{unescape_double, unescape_single};

/// Why a text with escapes cannot be read.
#[derive(Debug)]
pub enum TextFault<E> {
    /// The closing quote is missing.
    Unclosed,
    /// The escape `\u{…}` at this offset is no code point.
    CodePoint(usize),
    /// The caller refuses a variable in it.
    Variable(E),
}

/// Reads the single-quoted text that `text` starts with: its value and its length with both quotes.
/// `None` if it never ends.
#[must_use]
pub fn single(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let inner = text.get(1..)?;
    let mut escaped = false;
    let end = inner.iter().position(|&byte| {
        let ends = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((unescape_single(inner.get(..end)?), end + 2))
}

/// Reads the double-quoted text that begins at `start`: [`TokenKind::Text`] or [`TokenKind::Template`], and
/// the offset behind it. Backticks are read in the same way.
///
/// `variable` gets the offset of each `$name`, `{$` and `${`. It gives the name, and how many bytes
/// the variable takes.
///
/// # Errors
/// See [`TextFault`].
pub fn double<E>(
    source: &[u8],
    start: usize,
    variable: &mut dyn FnMut(usize) -> Result<(String, usize), E>,
) -> Result<(TokenKind, usize), TextFault<E>> {
    let quote = source.get(start).copied().ok_or(TextFault::Unclosed)?;
    text(source, start + 1, Some(quote), variable)
}

/// The value of a heredoc whose lines are `raw`; `None` if an escape in it is no code point.
pub(super) fn heredoc(raw: &[u8]) -> Option<TokenKind> {
    let stop = &mut |_| Ok::<_, Infallible>((String::new(), raw.len()));
    text(raw, 0, None, stop).ok().map(|(kind, _)| kind)
}

/// Reads up to the closing quote, or to the end of a heredoc.
fn text<E>(
    source: &[u8],
    start: usize,
    quote: Option<u8>,
    variable: &mut dyn FnMut(usize) -> Result<(String, usize), E>,
) -> Result<(TokenKind, usize), TextFault<E>> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut at = start;
    loop {
        match (source.get(at..).unwrap_or_default(), quote) {
            ([], Some(_)) => return Err(TextFault::Unclosed),
            ([], None) => break,
            ([byte, ..], Some(quote)) if *byte == quote => break,
            // A heredoc keeps the backslash.
            ([b'\\', b'"', ..], None) => {
                text.extend(br#"\""#);
                at += 2;
            }
            ([b'\\', after @ ..], _) => {
                let (value, length) = unescape_double(after).ok_or(TextFault::CodePoint(at))?;
                text.extend(value);
                at += 1 + length;
            }
            (rest, _) if starts_variable(rest) => {
                let (name, length) = variable(at).map_err(TextFault::Variable)?;
                pieces.extend([
                    TemplatePart::Text(std::mem::take(&mut text)),
                    TemplatePart::Variable(name),
                ]);
                at += length;
            }
            ([byte, ..], _) => {
                text.push(*byte);
                at += 1;
            }
        }
    }
    if pieces.is_empty() {
        return Ok((TokenKind::Text(text), at + 1));
    }
    pieces.push(TemplatePart::Text(text));
    Ok((TokenKind::Template(pieces), at + 1))
}

fn starts_variable(text: &[u8]) -> bool {
    match text {
        [b'{', b'$', ..] | [b'$', b'{', ..] => true,
        [b'$', next, ..] => starts_name(*next),
        _ => false,
    }
}
