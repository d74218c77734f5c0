//! PHP's `version_compare`: which of two version texts is the higher.
//!
//! Joomla's updater compares with it. Facts: the PHP manual, and `tests/vectors/version_compare.jsonl`,
//! which was recorded on PHP.

use std::cmp::Ordering;

/// Compares two versions as PHP does: `1.0-beta` < `1.0RC1` < `1.0` < `1.0pl1` < `1.0.0`.
#[must_use]
pub fn version_compare(one: &str, other: &str) -> Ordering {
    compare(one.as_bytes(), other.as_bytes())
}

/// PHP's replacement of a number when it meets a word.
const NUMBER: &[u8] = b"#N#";

/// The words that mean something, and their places; a word counts by how it begins.
const FORMS: &[(&[u8], i8)] = &[
    (b"dev", 0),
    (b"alpha", 1),
    (b"a", 1),
    (b"beta", 2),
    (b"b", 2),
    (b"RC", 3),
    (b"rc", 3),
    (b"#", 4),
    (b"pl", 5),
    (b"p", 5),
];

/// Parts separated by single dots: `1.0rc1`, `1.0-rc-1` and `1.0_rc.1` become `1.0.rc.1`.
fn canonical(version: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = version.split_first() else { return Vec::new() };
    // PHP does not change text that looks like its own sign for a number.
    if *first == b'#' {
        return version.to_vec();
    }
    let mut out = vec![*first];
    let mut previous = *first;
    for &byte in rest {
        let after_dot = out.last() == Some(&b'.');
        let turn = (is_word(previous) && byte.is_ascii_digit())
            || (previous.is_ascii_digit() && is_word(byte));
        if is_separator(byte) || (!turn && !byte.is_ascii_alphanumeric()) {
            if !after_dot {
                out.push(b'.');
            }
        } else {
            if turn && !after_dot {
                out.push(b'.');
            }
            out.push(byte);
        }
        previous = byte;
    }
    out
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'+')
}

fn is_word(byte: u8) -> bool {
    !byte.is_ascii_digit() && byte != b'.'
}

fn compare(one: &[u8], other: &[u8]) -> Ordering {
    if one.is_empty() || other.is_empty() {
        return (!one.is_empty()).cmp(&!other.is_empty());
    }
    let (one, other) = (canonical(one), canonical(other));
    let (mut one, mut other) = (Some(one.as_slice()), Some(other.as_slice()));
    while let (Some([_, ..]), Some([_, ..])) = (one, other) {
        let (part, one_rest) = split(one.unwrap_or_default());
        let (other_part, other_rest) = split(other.unwrap_or_default());
        let order = compare_parts(part, other_part);
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (one_rest, other_rest);
    }
    match (one, other) {
        (Some(rest), _) if starts_with_digit(rest) => Ordering::Greater,
        (Some(rest), _) => compare(rest, NUMBER),
        (None, Some(rest)) if starts_with_digit(rest) => Ordering::Less,
        (None, Some(rest)) => compare(NUMBER, rest),
        (None, None) => Ordering::Equal,
    }
}

/// Returns the part up to a dot, and the part after it if there is a dot.
fn split(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == b'.') {
        None => (text, None),
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
    }
}

fn compare_parts(one: &[u8], other: &[u8]) -> Ordering {
    match (starts_with_digit(one), starts_with_digit(other)) {
        (true, true) => number(one).cmp(&number(other)),
        (true, false) => place(NUMBER).cmp(&place(other)),
        (false, true) => place(one).cmp(&place(NUMBER)),
        (false, false) => place(one).cmp(&place(other)),
    }
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

/// The digits in front; PHP's integers end at 63 bits.
fn number(text: &[u8]) -> i64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')))
}

/// Unknown words come before all others.
fn place(word: &[u8]) -> i8 {
    FORMS.iter().find(|(form, _)| word.starts_with(form)).map_or(-1, |(_, place)| *place)
}
