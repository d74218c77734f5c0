//! `mb_strtolower` and `mb_strtoupper` of UTF-8, as PHP 8.2 knows it (Unicode 14).
//!
//! Used by `call` and `bounds`.

use super::error::NoValue;
use super::value::Value;

/// How many times longer a text can get: `U+0390` becomes three characters of two bytes.
pub(super) const UPPER_GROWTH: usize = 3;
/// The same for lower case: `U+0130` becomes three bytes, `U+023A` as well.
pub(super) const LOWER_GROWTH: usize = 2;

/// Refuses an encoding other than UTF-8; without one, PHP takes UTF-8.
pub(super) fn check(encoding: &[Value]) -> Result<(), NoValue> {
    match encoding {
        [] => Ok(()),
        [Value::Text(name)]
            if name.eq_ignore_ascii_case(b"UTF-8") || name.eq_ignore_ascii_case(b"UTF8") =>
        {
            Ok(())
        }
        _ => Err(NoValue::Encoding),
    }
}

/// `mb_strtolower`; unlike Rust's, it knows no other sigma at the end of a word.
pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    mapped(text, |character| character.to_lowercase().collect())
}

/// `mb_strtoupper`.
pub(super) fn upper(text: &[u8]) -> Vec<u8> {
    mapped(text, |character| character.to_uppercase().collect())
}

fn mapped(text: &[u8], map: fn(char) -> String) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_newer(character) {
                out.push(character);
            } else {
                out.push_str(&map(character));
            }
        }
        // PHP writes this for bytes that are no character.
        if !chunk.invalid().is_empty() {
            out.push('?');
        }
    }
    out.into_bytes()
}

/// Whether the character has a counterpart only since Unicode 15, so that PHP 8.2 leaves it.
fn is_newer(character: char) -> bool {
    matches!(
        character,
        '\u{19b}'
            | '\u{264}'
            | '\u{1c89}'..='\u{1c8a}'
            | '\u{a7cb}'..='\u{a7cf}'
            | '\u{a7d2}'..='\u{a7d5}'
            | '\u{a7da}'..='\u{a7dc}'
            | '\u{10d50}'..='\u{10d85}'
            | '\u{16ea0}'..='\u{16ed3}'
    )
}
