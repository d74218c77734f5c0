//! Cuts the text of a recipe into tokens. Called by `parser`.
//!
//! Literals are PHP's; a text of the table of spellings is the token it stands for. Must not
//! import: `parser`.

use php_compat::expression::quoted::{self as php, TextFault};
use php_compat::expression::{
    Place, Token, TokenKind, continues_name, name_length, numeral, starts_name,
};

use super::error::{Fault, RecipeProblem, meaning};
use super::quoted;
use super::spelling::{Spellings, Target};

/// What may stand between operands; a longer one comes before its beginning.
const SYMBOLS: [&str; 12] = ["=>", "(", ")", "[", "]", ",", ".", "-", ";", "=", "?", ":"];

/// All tokens.
pub(super) fn tokens(source: &str, spellings: &Spellings) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let text = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        at += rest.len() - text.len();
        if text.is_empty() {
            return Ok(tokens);
        }
        let (kind, length) = token(source, at, spellings)?;
        let start = place(at);
        at += length;
        tokens.push(Token { kind, start, end: at });
    }
}

/// The place of an offset. Messages tell columns, so there is one line.
pub(super) fn place(offset: usize) -> Place {
    Place { offset, line: 1 }
}

fn token(source: &str, at: usize, spellings: &Spellings) -> Result<(TokenKind, usize), Fault> {
    let rest = source.get(at..).unwrap_or_default();
    if let Some((target, length)) = spellings.at_start(rest) {
        refuse_foreign(rest, length, at)?;
        let kind = match target {
            Target::Name(fact) => TokenKind::Variable(fact.name().to_owned()),
            Target::Function(function) => TokenKind::Name(function.name().to_owned()),
        };
        return Ok((kind, length));
    }
    let unclosed = Fault { at, problem: RecipeProblem::UnclosedText };
    match rest.as_bytes() {
        text @ [b'\'', ..] => {
            php::single(text).map(|(text, length)| (TokenKind::Text(text), length)).ok_or(unclosed)
        }
        [b'"', ..] => {
            let name = &mut |at| quoted::name(source, at, spellings);
            let read = php::double(source.as_bytes(), at, name);
            let (kind, end) = read.map_err(|fault| match fault {
                TextFault::Unclosed => unclosed,
                TextFault::CodePoint(at) => Fault { at, problem: RecipeProblem::Escape },
                TextFault::Variable(fault) => fault,
            })?;
            Ok((kind, end - at))
        }
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => number(rest, at),
        [b'$', first, ..] if starts_name(*first) => {
            word(rest, 1, at).map(|(name, length)| (TokenKind::Variable(name.to_owned()), length))
        }
        // A leading backslash names PHP's own function from inside a namespace.
        [b'\\', first, ..] if starts_name(*first) => {
            word(rest, 1, at).map(|(name, length)| (TokenKind::Name(name.to_owned()), length))
        }
        [first, ..] if starts_name(*first) && first.is_ascii() => {
            word(rest, 0, at).map(|(name, length)| (TokenKind::Name(name.to_owned()), length))
        }
        // Each is one operator to PHP, not two.
        [b'=', b'=', ..] | [b':', b':', ..] | [b'?', b'?', ..] => Err(character(rest, at)),
        _ => {
            let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
            let symbol = symbol.ok_or_else(|| character(rest, at))?;
            Ok((TokenKind::Symbol(symbol), symbol.len()))
        }
    }
}

fn character(rest: &str, at: usize) -> Fault {
    let problem = rest.chars().next().map_or(RecipeProblem::Empty, RecipeProblem::Character);
    Fault { at, problem }
}

/// Reads the name that stands behind `start` bytes: the name, and the length of both.
fn word(rest: &str, start: usize, at: usize) -> Result<(&str, usize), Fault> {
    let length = start + name_length(rest.as_bytes().get(start..).unwrap_or_default());
    refuse_foreign(rest, length, at)?;
    Ok((rest.get(start..length).unwrap_or_default(), length))
}

/// Refuses a word that goes on as a property, element, static member or namespace: cutting it there
/// would quietly read something else.
fn refuse_foreign(rest: &str, length: usize, at: usize) -> Result<(), Fault> {
    let (word, mut tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
    let goes_on = |tail: &str| {
        ["->", "?->", "::", "\\"].into_iter().find(|mark| tail.starts_with(mark)).map(str::len)
    };
    if goes_on(tail).is_none() && !tail.starts_with('[') {
        return Ok(());
    }
    // Show the words of the chain. Text in brackets may be a secret unless it is a name we know.
    let mut shown = word.to_owned();
    while let Some(mark) = goes_on(tail) {
        let dollar = usize::from(tail.as_bytes().get(mark) == Some(&b'$'));
        let name = mark + dollar;
        let end = name + name_length(tail.as_bytes().get(name..).unwrap_or_default());
        let (link, further) = tail.split_at_checked(end).unwrap_or((tail, ""));
        shown.push_str(link);
        tail = further;
    }
    if tail.starts_with('[') {
        let element = tail.split_inclusive(']').next().unwrap_or_default();
        let key = element.trim_matches(['[', ']', '\'', '"']);
        let is_name = key.bytes().all(continues_name) && meaning(key).is_some();
        shown.push_str(if is_name { element } else { "[…]" });
    }
    let likely = meaning(&shown);
    Err(Fault { at, problem: RecipeProblem::Foreign { text: shown, likely } })
}

/// Reads a whole number.
///
/// PHP takes a `.` next to a digit for a decimal point, so that is refused, not joined.
fn number(rest: &str, at: usize) -> Result<(TokenKind, usize), Fault> {
    let (kind, length) = numeral::number(rest.as_bytes());
    let next = rest.as_bytes().get(length);
    let goes_on = next.is_some_and(|next| next.is_ascii_alphanumeric() || b"._".contains(next));
    match kind {
        Some(kind @ TokenKind::Int(_)) if !goes_on => Ok((kind, length)),
        _ => Err(Fault { at, problem: RecipeProblem::Number }),
    }
}
