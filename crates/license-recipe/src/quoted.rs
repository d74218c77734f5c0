//! Double-quoted texts: escapes and the names inside them. Called by `lexer`.

use php_compat::literal::unescape_double;

use super::error::{Fault, RecipeProblem};
use super::lexer::{Kind, Piece, known_name};
use super::spelling::{Spellings, Target, word_length};

/// Reads the double-quoted text whose quote stands at `start`; gives the token and its length.
pub(super) fn double_quoted(
    source: &str,
    start: usize,
    spellings: &Spellings,
) -> Result<(Kind, usize), Fault> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut at = start + 1;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let (name, length) = match rest.as_bytes() {
            [] => {
                return Err(Fault { at: start, problem: RecipeProblem::UnclosedText });
            }
            [b'"', ..] => {
                let end = at + 1 - start;
                if pieces.is_empty() {
                    return Ok((Kind::Text(text), end));
                }
                pieces.push(Piece::Text(text));
                return Ok((Kind::Template(pieces), end));
            }
            [b'\\', after @ ..] => {
                let (bytes, taken) =
                    unescape_double(after).ok_or(Fault { at, problem: RecipeProblem::Escape })?;
                text.extend(bytes);
                // An escape ends at a character boundary of the source, except that one unknown to
                // PHP takes a single byte: the rest of such a character is plain text.
                let mut next = at + 1 + taken;
                while !source.is_char_boundary(next) {
                    text.extend(source.as_bytes().get(next));
                    next += 1;
                }
                at = next;
                continue;
            }
            [b'{', b'$', ..] => braced(rest, 1, at, spellings)?,
            [b'$', b'{', ..] => braced(rest, 2, at, spellings)?,
            [b'$', after @ ..] if word_length(after) > 0 => simple(rest, at, spellings)?,
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                text.extend(rest.as_bytes().iter().take(length));
                at += length;
                continue;
            }
        };
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(Piece::Name(name));
        at += length;
    }
}

type Found = (super::ast::Fact, usize);

/// `{$name}`, or `${name}` when two bytes stand before the name.
fn braced(rest: &str, before: usize, at: usize, spellings: &Spellings) -> Result<Found, Fault> {
    let fault = || Fault { at, problem: RecipeProblem::Interpolation };
    let inner = rest.get(before..).ok_or_else(fault)?;
    let (name, length) = match spellings.at_start(inner) {
        Some((target, length)) if before == 1 => (spelled(target).ok_or_else(fault)?, length),
        _ => {
            let dollar = usize::from(before == 1);
            let word = inner.get(dollar..).unwrap_or_default();
            let length = word_length(word.as_bytes());
            if word.as_bytes().get(length) != Some(&b'}') || length == 0 {
                return Err(fault());
            }
            (known_name(word.get(..length).unwrap_or_default(), at)?, dollar + length)
        }
    };
    if inner.as_bytes().get(length) != Some(&b'}') {
        return Err(fault());
    }
    Ok((name, before + length + 1))
}

/// `$name`, as far as PHP reads it: a property or element behind it would belong to it.
fn simple(rest: &str, at: usize, spellings: &Spellings) -> Result<Found, Fault> {
    let word = rest.get(1..).unwrap_or_default();
    let Some((target, length)) = spellings.at_start_simple(rest) else {
        let length = word_length(word.as_bytes());
        ends_here(rest, 1 + length, at)?;
        return Ok((known_name(word.get(..length).unwrap_or_default(), at)?, 1 + length));
    };
    // A spelling that has its property or element already is complete in PHP's eyes too.
    if word_length(word.as_bytes()) + 1 == length {
        ends_here(rest, length, at)?;
    }
    let name = spelled(target).ok_or(Fault { at, problem: RecipeProblem::Interpolation })?;
    Ok((name, length))
}

/// Refuses a name that goes on as `->property` or `[element]`.
fn ends_here(rest: &str, length: usize, at: usize) -> Result<(), Fault> {
    let tail = rest.as_bytes().get(length..).unwrap_or_default();
    let property = tail.strip_prefix(b"?->").or_else(|| tail.strip_prefix(b"->"));
    if tail.first() == Some(&b'[') || property.is_some_and(|name| word_length(name) > 0) {
        return Err(Fault { at, problem: RecipeProblem::Interpolation });
    }
    Ok(())
}

fn spelled(target: Target) -> Option<super::ast::Fact> {
    match target {
        Target::Name(name) => Some(name),
        Target::Function(_) => None,
    }
}
