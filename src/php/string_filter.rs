//! Joomla's "string" input filter: entities decoded once, then tags removed.
//!
//! Every text parameter of a request passes it (`docs/protocol.md`, parameter filter). It works
//! on bytes, since a value need not be UTF-8, and must not know which parameter it cleans.

use memchr::memchr2;

use super::entities;

/// What Joomla's "string" filter makes of a value.
///
/// Nothing is trimmed; bytes that are not UTF-8 pass unchanged. The result holds no `<`. It may
/// hold entities (`&amp;lt;` becomes `&lt;`), so cleaning twice is not the same as once. The
/// time is linear in the length of `raw`.
#[must_use]
pub fn clean(raw: &[u8]) -> Vec<u8> {
    // Neither entities nor tags begin with anything else.
    if memchr2(b'&', b'<', raw).is_none() {
        return raw.to_vec();
    }
    remove_tags(&decode_entities(raw))
}

/// PHP's `html_entity_decode($text, ENT_QUOTES, 'UTF-8')`, under the rules of HTML 4.01.
///
/// A reference needs its semicolon. A numeric one stays as it is when HTML 4.01 does not allow
/// the character: controls but for tab, line feed and carriage return, U+007F–U+009F,
/// surrogates, and what is past U+10FFFF.
#[must_use]
pub fn decode_entities(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut pieces = raw.split(|&byte| byte == b'&');
    out.extend(pieces.next().unwrap_or_default());
    for piece in pieces {
        if let Some((character, rest)) = reference(piece) {
            out.extend(character.encode_utf8(&mut [0; 4]).bytes());
            out.extend(rest);
        } else {
            out.push(b'&');
            out.extend(piece);
        }
    }
    out
}

/// Removes everything that looks like a tag.
///
/// A tag is whatever stands between `<` and the next `>`, named or not: `<>`, `<?php … ?>`,
/// comments. Angle brackets within a quoted attribute value do not count. A `<` that meets
/// another `<` first is dropped alone; one that is never closed cuts the rest of the text.
#[must_use]
pub fn remove_tags(text: &[u8]) -> Vec<u8> {
    let ends = tag_ends(text);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        if byte != b'<' {
            out.push(byte);
            continue;
        }
        match ends.get(at) {
            Some(&TagEnd::Closed(end)) => at = end + 1,
            Some(TagEnd::NextTag) => {}
            Some(TagEnd::Missing) | None => break,
        }
    }
    out
}

/// How the inside of a tag ends, seen from some place within it.
#[derive(Clone, Copy)]
enum TagEnd {
    /// With the `>` at this offset.
    Closed(usize),
    /// Another `<` comes first.
    NextTag,
    /// There is neither.
    Missing,
}

/// For each offset of `text` (and the one behind it): how a tag whose inside continues there
/// ends.
///
/// Going backwards makes each answer a look-up of a later one, so that a text full of `<` and
/// quotes costs no more than any other.
fn tag_ends(text: &[u8]) -> Vec<TagEnd> {
    let mut ends = vec![TagEnd::Missing; text.len() + 1];
    let mut quotes = Quotes::default();
    for (at, &byte) in text.iter().enumerate().rev() {
        let follows = |offset: usize| ends.get(offset).copied().unwrap_or(TagEnd::Missing);
        let end = match byte {
            b'>' => TagEnd::Closed(at),
            b'<' => TagEnd::NextTag,
            b'=' => match quotes.value_end(text, at + 1) {
                Value::Bare => follows(at + 1),
                Value::Quoted(close) => follows(close + 1),
                Value::Open => TagEnd::Missing,
            },
            _ => follows(at + 1),
        };
        quotes.pass(text, at);
        if let Some(slot) = ends.get_mut(at) {
            *slot = end;
        }
    }
    ends
}

/// What stands behind an attribute's `=`.
enum Value {
    /// No quote.
    Bare,
    /// A quoted value, whose closing quote is at this offset.
    Quoted(usize),
    /// A quote that is never closed.
    Open,
}

/// The closing quotes met so far on the way backwards.
///
/// A quote closes a value only before a blank, a `>`, a `/ >` or at the end of the text:
/// `title="a"b"` is one value.
#[derive(Default)]
struct Quotes {
    /// The nearest closing `"`, and the one behind it.
    double: [Option<usize>; 2],
    /// The same for `'`.
    single: [Option<usize>; 2],
    /// The offset of the nearest byte that is no blank.
    solid: Option<usize>,
    /// The same, or when that is a `/`, the offset of the next one behind it.
    after_slash: Option<usize>,
}

impl Quotes {
    /// The value that starts at `start`, the place behind the `=`.
    fn value_end(&self, text: &[u8], start: usize) -> Value {
        let Some(open) = self.solid.filter(|&solid| solid >= start) else {
            return Value::Bare;
        };
        let closing = match text.get(open) {
            Some(b'"') => self.double,
            Some(b'\'') => self.single,
            _ => return Value::Bare,
        };
        match closing.into_iter().flatten().find(|&close| close > open) {
            Some(close) => Value::Quoted(close),
            None => Value::Open,
        }
    }

    /// Takes note of the byte at `at`, the one before those noted so far.
    fn pass(&mut self, text: &[u8], at: usize) {
        let Some(&byte) = text.get(at) else { return };
        let closes = |quotes: &Self| {
            let next = text.get(at + 1);
            let at_blank = next.is_none_or(|&byte| is_blank(byte));
            let then = quotes.after_slash.and_then(|offset| text.get(offset));
            at_blank || matches!((next, then), (Some(b'>' | b'/'), Some(b'>')))
        };
        match byte {
            b'"' if closes(self) => self.double = [Some(at), self.double[0]],
            b'\'' if closes(self) => self.single = [Some(at), self.single[0]],
            _ => {}
        }
        if !is_blank(byte) {
            self.after_slash = match byte {
                b'/' => self.solid,
                _ => Some(at),
            };
            self.solid = Some(at);
        }
    }
}

/// White space in PHP's patterns.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
}

/// The reference that `text` (what follows an `&`) starts with, and what is behind its semicolon.
fn reference(text: &[u8]) -> Option<(char, &[u8])> {
    let end = text.iter().position(|&byte| !byte.is_ascii_alphanumeric() && byte != b'#')?;
    let rest = text.get(end..)?.strip_prefix(b";")?;
    let name = text.get(..end)?;
    let character = match name.strip_prefix(b"#") {
        Some(number) => numeric(number)?,
        None => entities::character(name)?,
    };
    Some((character, rest))
}

/// `65`, `x41` or `X41`.
fn numeric(number: &[u8]) -> Option<char> {
    let (digits, radix) = match number.split_first()? {
        (b'x' | b'X', digits) => (without_prefix(digits), 16),
        _ => (number, 10),
    };
    if digits.is_empty() {
        return None;
    }
    let value = digits.iter().try_fold(0_u32, |value, &byte| {
        let digit = char::from(byte).to_digit(radix)?;
        Some(value.saturating_mul(radix).saturating_add(digit))
    })?;
    char::from_u32(value).filter(|&character| is_allowed(character))
}

/// C's `strtol`, which PHP uses here, skips a second `0x`: `&#x0x41;` is `A`.
fn without_prefix(digits: &[u8]) -> &[u8] {
    match digits {
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => rest,
        _ => digits,
    }
}

/// Whether HTML 4.01 knows the character.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..)
}
