//! Whether a given key is an expected one.
//!
//! For samples, and for programs that accept keys. Must not import: `facts`.

use subtle::{Choice, ConstantTimeEq};

/// Whether the two are one key, and not an empty one. Only their lengths show in the time.
#[must_use]
pub fn same(given: &[u8], expected: &[u8]) -> Choice {
    let expected = trimmed(expected);
    given.ct_eq(expected) & Choice::from(u8::from(!expected.is_empty()))
}

/// The key without the blanks that mail programs and forms add: those of PHP's `trim`, to which a form feed
/// is none.
#[must_use]
pub fn trimmed(key: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0);
    let start = key.iter().take_while(|byte| is_blank(byte)).count();
    let key = key.get(start..).unwrap_or_default();
    let end = key.iter().rev().take_while(|byte| is_blank(byte)).count();
    key.get(..key.len() - end).unwrap_or_default()
}
