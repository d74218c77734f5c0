//! Cuts the text of a recipe into tokens. Called by `parser`.
//!
//! Knows PHP's spelling of names, numbers and texts, not what may stand next to what.

use php_compat::literal::unescape_single;

use super::ast::Fact;
use super::error::{Fault, RecipeProblem, meaning};
use super::quoted;
use super::spelling::{Spellings, Target, is_word, is_word_start, likely, word_length};

/// A token and the bytes of the source it takes.
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// What a token is.
pub(super) enum Kind {
    /// A quoted text without names.
    Text(Vec<u8>),
    /// A double-quoted text with names.
    Template(Vec<Piece>),
    Number(i64),
    /// A word with `$`.
    Variable(String),
    /// A word without `$`.
    Word(String),
    /// A text of the operator's table.
    Spelled(Target),
    /// `( ) [ ] , . - ; = ? :`
    Mark(u8),
    /// `=>`
    Arrow,
    End,
}

/// A part of a double-quoted text.
pub(super) enum Piece {
    Text(Vec<u8>),
    Name(Fact),
}

impl Kind {
    /// What to call the token in a message.
    pub(super) fn description(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Template(_) => "a quoted text",
            Self::Number(_) => "a number",
            Self::Variable(_) | Self::Word(_) | Self::Spelled(_) => "a name",
            Self::Mark(b'(') => "`(`",
            Self::Mark(b')') => "`)`",
            Self::Mark(b'[') => "`[`",
            Self::Mark(b']') => "`]`",
            Self::Mark(b',') => "`,`",
            Self::Mark(b'.') => "`.`",
            Self::Mark(b'-') => "`-`",
            Self::Mark(b';') => "`;`",
            Self::Mark(b'?') => "`?`",
            Self::Mark(b':') => "`:`",
            Self::Mark(_) => "`=`",
            Self::Arrow => "`=>`",
            Self::End => "the end",
        }
    }
}

/// All tokens, the last of them [`Kind::End`].
pub(super) fn tokens(source: &str, spellings: &Spellings) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let (kind, length) = token(source, at, spellings)?;
        let end = at + length;
        let is_end = matches!(kind, Kind::End);
        tokens.push(Token { at, end, kind });
        if is_end {
            return Ok(tokens);
        }
        at = end;
    }
}

fn token(source: &str, at: usize, spellings: &Spellings) -> Result<(Kind, usize), Fault> {
    let rest = source.get(at..).unwrap_or_default();
    if let Some((target, length)) = spellings.at_start(rest) {
        refuse_foreign(rest, length, at)?;
        return Ok((Kind::Spelled(target), length));
    }
    match rest.as_bytes() {
        [] => Ok((Kind::End, 0)),
        [b'\'', ..] => single_quoted(rest, at),
        [b'"', ..] => quoted::double_quoted(source, at, spellings),
        [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => number(rest, at),
        [b'$', first, ..] if is_word_start(*first) => {
            let length = 1 + word_length(rest.as_bytes().get(1..).unwrap_or_default());
            refuse_foreign(rest, length, at)?;
            Ok((Kind::Variable(rest.get(1..length).unwrap_or_default().to_owned()), length))
        }
        // A leading backslash names PHP's own function from inside a namespace.
        [b'\\', first, ..] if is_word_start(*first) => word(rest, 1, at),
        [first, ..] if is_word_start(*first) && first.is_ascii() => word(rest, 0, at),
        [b'=', b'>', ..] => Ok((Kind::Arrow, 2)),
        // Each is one operator to PHP, not two.
        [b'=', b'=', ..] | [b':', b':', ..] | [b'?', b'?', ..] => Err(character(rest, at)),
        [
            mark @ (b'(' | b')' | b'[' | b']' | b',' | b'.' | b'-' | b';' | b'=' | b'?' | b':'),
            ..,
        ] => Ok((Kind::Mark(*mark), 1)),
        _ => Err(character(rest, at)),
    }
}

fn character(rest: &str, at: usize) -> Fault {
    let problem = rest.chars().next().map_or(RecipeProblem::Empty, RecipeProblem::Character);
    Fault { at, problem }
}

fn word(rest: &str, start: usize, at: usize) -> Result<(Kind, usize), Fault> {
    let length = start + word_length(rest.as_bytes().get(start..).unwrap_or_default());
    refuse_foreign(rest, length, at)?;
    Ok((Kind::Word(rest.get(start..length).unwrap_or_default().to_owned()), length))
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
        let end = name + word_length(tail.as_bytes().get(name..).unwrap_or_default());
        let (link, further) = tail.split_at_checked(end).unwrap_or((tail, ""));
        shown.push_str(link);
        tail = further;
    }
    if tail.starts_with('[') {
        let element = tail.split_inclusive(']').next().unwrap_or_default();
        let key = element.trim_matches(['[', ']', '\'', '"']);
        let is_name = key.bytes().all(is_word) && meaning(key).is_some();
        shown.push_str(if is_name { element } else { "[…]" });
    }
    Err(Fault { at, problem: RecipeProblem::Foreign { text: shown } })
}

fn single_quoted(rest: &str, at: usize) -> Result<(Kind, usize), Fault> {
    let mut escaped = false;
    let inner = rest.get(1..).unwrap_or_default();
    let end = inner.bytes().position(|byte| {
        let closes = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    let end = end.ok_or(Fault { at, problem: RecipeProblem::UnclosedText })?;
    let raw = inner.as_bytes().get(..end).unwrap_or_default();
    Ok((Kind::Text(unescape_single(raw)), end + 2))
}

/// PHP's whole numbers: decimal, `0x`, `0b`, `0o` or a leading `0`, with `_` between digits.
///
/// PHP takes a `.` next to a digit for a decimal point, so that is refused, not joined.
fn number(rest: &str, at: usize) -> Result<(Kind, usize), Fault> {
    let wrong = || Fault { at, problem: RecipeProblem::Number };
    let length =
        rest.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
    let (text, tail) = rest.split_at_checked(length).ok_or_else(wrong)?;
    if tail.starts_with('.') {
        return Err(wrong());
    }
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)),
        [b'0', b'b', ..] => (2, lower.get(2..)),
        [b'0', b'o', ..] => (8, lower.get(2..)),
        [b'0', _, ..] => (8, Some(lower.as_str())),
        _ => (10, Some(lower.as_str())),
    };
    let digits = digits.ok_or_else(wrong)?;
    // An underscore stands between two digits.
    let is_digit = |byte: u8| char::from(byte).is_digit(radix);
    if digits.split('_').any(|group| group.is_empty() || !group.bytes().all(is_digit)) {
        return Err(wrong());
    }
    let value = i64::from_str_radix(&digits.replace('_', ""), radix).map_err(|_| wrong())?;
    Ok((Kind::Number(value), length))
}

/// The name a variable stands for.
pub(super) fn known_name(text: &str, at: usize) -> Result<Fact, Fault> {
    Fact::find(text).ok_or_else(|| {
        let name: String = text.chars().take(40).collect();
        let likely = likely(&name, Fact::ALL.iter().map(|(name, _)| *name));
        Fault { at, problem: RecipeProblem::UnknownName { name, likely } }
    })
}
