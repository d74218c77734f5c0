//! Reads the versions of Joomla and PHP that an install script requires, as far as its text states
//! them.
//!
//! Called by `archive`. The script is never run: only the properties that Joomla's own class for
//! install scripts has, with a plain version as their value, are found in it.

use php_compat::expression::{Lexer, Token, TokenKind};

use crate::manifest::Requirements;

/// Names of the lowest Joomla version: Joomla's own, and that of a framework many extensions use.
const JOOMLA: [&str; 2] = ["minimumJoomla", "minimumJoomlaVersion"];
/// Names of the lowest PHP version.
const PHP: [&str; 2] = ["minimumPhp", "minimumPHPVersion"];
/// Bytes of a version.
const LONGEST: usize = 20;

/// Finds the lowest versions in a script, the first of each. The script may be cut off.
pub(super) fn requirements(script: &[u8]) -> Requirements {
    let mut found = Requirements::default();
    let mut last = [const { None }; 4];
    for token in Lexer::new(script).map_while(Result::ok) {
        last.rotate_left(1);
        last[3] = Some(token);
        let [before, Some(name), Some(equals), Some(value)] = &last else { continue };
        let place = match property(before.as_ref(), name) {
            Some(name) if JOOMLA.contains(&name) => &mut found.joomla,
            Some(name) if PHP.contains(&name) => &mut found.php,
            _ => continue,
        };
        if place.is_none() && equals.kind.is("=") {
            *place = version(script, value);
        }
    }
    found
}

/// The name of a property that is declared or set at this token.
fn property<'t>(before: Option<&Token>, token: &'t Token) -> Option<&'t str> {
    match &token.kind {
        TokenKind::Variable(name) => Some(name),
        TokenKind::Name(name) => before?.kind.is("->").then_some(name),
        _ => None,
    }
}

/// The version that a literal is.
fn version(script: &[u8], value: &Token) -> Option<String> {
    let text = match &value.kind {
        TokenKind::Text(text) => text,
        TokenKind::Int(_) | TokenKind::Float(_) => script.get(value.start.offset..value.end)?,
        _ => return None,
    };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let is_version = text.first()?.is_ascii_digit() && text.len() <= LONGEST;
    (is_version && text.iter().all(is_part)).then(|| String::from_utf8_lossy(text).into_owned())
}
