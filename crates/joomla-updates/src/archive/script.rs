//! What an install script wants of Joomla and PHP, as far as its text says so.
//!
//! Called by `archive`. The script is never run, nor read as PHP: only the properties that Joomla's own
//! class for install scripts has, with a plain version as their value, are found in it.

use crate::manifest::Requirements;

/// Names of the lowest Joomla version: Joomla's own, and that of a framework many extensions use.
const JOOMLA: [&[u8]; 2] = [b"minimumJoomla", b"minimumJoomlaVersion"];
/// Names of the lowest PHP version.
const PHP: [&[u8]; 2] = [b"minimumPhp", b"minimumPHPVersion"];
/// Bytes of a version.
const LONGEST: usize = 20;

/// Finds the lowest versions in a script, the first of each.
pub(super) fn requirements(script: &[u8]) -> Requirements {
    let mut found = Requirements::default();
    let mut rest = script;
    while let Some(next) = code(rest) {
        rest = match next {
            [b'\'' | b'"', ..] => after_text(next),
            [b'$', name @ ..] | [b'-', b'>', name @ ..] => {
                let (name, after) = name.split_at(end_of_name(name));
                let place = if JOOMLA.contains(&name) {
                    Some(&mut found.joomla)
                } else if PHP.contains(&name) {
                    Some(&mut found.php)
                } else {
                    None
                };
                if let Some(place) = place.filter(|place| place.is_none()) {
                    *place = version(after);
                }
                after
            }
            [_, after @ ..] => after,
            [] => break,
        };
    }
    found
}

/// The version that is assigned here.
fn version(text: &[u8]) -> Option<String> {
    let value = code(code(text)?.strip_prefix(b"=")?)?;
    let (value, end) = match value.split_first()? {
        (quote @ (b'\'' | b'"'), value) => (value, Some(*quote)),
        _ => (value, None),
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let length = value.iter().position(|byte| !is_part(byte))?;
    let (version, after) = value.split_at(length);
    let is_whole = end.is_none_or(|quote| after.first() == Some(&quote));
    let is_version = version.first()?.is_ascii_digit() && length <= LONGEST && is_whole;
    is_version.then(|| String::from_utf8_lossy(version).into_owned())
}

/// What follows blanks and comments.
fn code(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = text.trim_ascii_start();
        text = match text {
            [] => return None,
            [b'/', b'*', comment @ ..] => after(comment, b"*/"),
            // An attribute is no comment.
            [b'#', b'[', ..] => return Some(text),
            [b'/', b'/', comment @ ..] | [b'#', comment @ ..] => after(comment, b"\n"),
            _ => return Some(text),
        };
    }
}

/// What follows a text in quotes that begins here.
fn after_text(text: &[u8]) -> &[u8] {
    let Some((quote, mut rest)) = text.split_first() else { return text };
    loop {
        rest = match rest {
            [] => return rest,
            [b'\\', _, after @ ..] => after,
            [byte, after @ ..] if byte == quote => return after,
            [_, after @ ..] => after,
        };
    }
}

fn after<'t>(text: &'t [u8], end: &[u8]) -> &'t [u8] {
    let at = memchr::memmem::find(text, end);
    at.and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

fn end_of_name(text: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len())
}
