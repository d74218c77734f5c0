//! How Joomla's "string" filter removes tags from a text whose entities are decoded.
//!
//! Called by [`super::string_filter`]. It works on bytes, since a value need not be UTF-8: Joomla
//! counts bytes here as well, and may cut a character in two.

use memchr::{memchr, memchr2};

/// Removes everything that looks like a tag, and more, as Joomla does.
///
/// * A tag is any text between `<` and the next `>`, named or not: `<>`, `<?php … ?>`, comments.
/// * In the value of the first attribute after a `<`, quotes and angle brackets become entities. A
///   value that is never closed reaches to the end of the text, and gets its quote.
/// * A `<` without any `>` behind it goes, and with it as many bytes as the text had between the
///   last tag and this `<`: `ab<KEY` is `abY`.
/// * If a tag would hold another `<`, the text between both stays. If the other one lies farther
///   away than the text before the tag is long, a single byte goes, at that distance.
///
/// The result holds no `<`, so nothing changes when it is cleaned of tags again. The time does not
/// grow faster than the length and its logarithm: bytes move only over what has just been kept, and
/// a stretch is looked through again only from a `<` at most half as far away.
#[must_use]
pub fn remove_tags(text: &[u8]) -> Vec<u8> {
    let mut bytes = with_escaped_values(text);
    let mut kept = Vec::with_capacity(bytes.len());
    // The text before `at` is done.
    let mut at = 0;
    let mut close = None;
    while let Some(open) = find(&bytes, at, b'<') {
        kept.extend(bytes.get(at..open).unwrap_or_default());
        let before = open - at;
        at = open;
        if close.is_none_or(|close| close < at) {
            close = find(&bytes, at, b'>');
        }
        let Some(close) = close else {
            at += before + 1;
            // No `>` is left, so each `<` is such a one.
            while let Some(open) = find(&bytes, at, b'<') {
                kept.extend(bytes.get(at..open).unwrap_or_default());
                at = open + (open - at) + 1;
            }
            break;
        };
        let inside = |from: usize, to: usize| {
            let inside = bytes.get(from..to).unwrap_or_default();
            memchr(b'<', inside).map(|found| from + found)
        };
        if inside(at + before + 1, close - 1).is_some() {
            bytes.copy_within(at..at + before, at + 1);
            at += 1;
        } else if let Some(nested) = inside(at + 1, close) {
            kept.extend(bytes.get(at + 1..nested).unwrap_or_default());
            at = nested;
        } else {
            at = close + 1;
        }
    }
    kept.extend(bytes.get(at..).unwrap_or_default());
    kept
}

/// The text with `<`, `>` and `"` as entities in quoted values of attributes.
fn with_escaped_values(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, quote, from_value)) = first_value(rest) {
        out.extend(before);
        let end = closing(from_value, quote);
        let value = from_value.get(..end).unwrap_or_default();
        for &byte in value {
            match byte {
                b'<' => out.extend(b"&lt;"),
                b'>' => out.extend(b"&gt;"),
                b'"' => out.extend(b"&quot;"),
                _ => out.push(byte),
            }
        }
        out.push(quote);
        rest = from_value.get(end + 1..).unwrap_or_default();
    }
    out.extend(rest);
    out
}

/// Returns the first quoted value after a `<` and before the next `>`: the text before it, its
/// quote, and the text after the quote.
fn first_value(text: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let mut at = 0;
    while let Some(open) = find(text, at, b'<') {
        at = open + 1;
        loop {
            let mark = at + memchr2(b'=', b'>', text.get(at..)?)?;
            at = mark + 1;
            if text.get(mark) == Some(&b'>') {
                break;
            }
            let blanks = text.get(at..)?.iter().take_while(|&&byte| is_blank(byte)).count();
            at += blanks;
            if let Some(&quote @ (b'"' | b'\'')) = text.get(at) {
                let (before, value) = text.split_at_checked(at + 1)?;
                return Some((before, quote, value));
            }
        }
    }
    None
}

/// Returns the end of the value at the start of `text`: its closing quote, or the end of the text.
///
/// A quote closes a value only before a blank, a `>`, a `/ >` or at the end of the text:
/// `title="a"b"` is one value.
fn closing(text: &[u8], quote: u8) -> usize {
    let mut from = 0;
    while let Some(at) = find(text, from, quote) {
        let closes = match text.get(at + 1..).unwrap_or_default() {
            [] | [b'>', ..] => true,
            [b'/', after @ ..] => after.iter().find(|&&byte| !is_blank(byte)) == Some(&b'>'),
            [next, ..] => is_blank(*next),
        };
        if closes {
            return at;
        }
        from = at + 1;
    }
    text.len()
}

fn find(text: &[u8], from: usize, wanted: u8) -> Option<usize> {
    memchr(wanted, text.get(from..)?).map(|found| from + found)
}

/// White space in PHP's patterns.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
}
