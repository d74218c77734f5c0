//! Joomla's "string" input filter: entities decoded once, then tags removed.
//!
//! Joomla applies it to each text parameter of a request. It works on bytes, since a value need not
//! be UTF-8. Must not import: `query`.

use memchr::{memchr, memchr2};

use super::entities;
use super::tags::remove_tags;

/// What Joomla's "string" filter makes of a value.
///
/// Nothing is trimmed; bytes that are not UTF-8 pass unchanged. The result holds no `<`. It may
/// hold entities (`&amp;lt;` becomes `&lt;`), so cleaning twice is not the same as once. It may be
/// longer than `raw`, by entities in the value of an attribute.
#[must_use]
pub fn clean(raw: &[u8]) -> Vec<u8> {
    // Neither entities nor tags begin with anything else.
    if memchr2(b'&', b'<', raw).is_none() {
        return raw.to_vec();
    }
    let decoded = decode_entities(raw);
    if memchr(b'<', &decoded).is_none() {
        return decoded;
    }
    remove_tags(&decoded)
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
