//! The names in double-quoted texts. Called by `lexer`.

use php_compat::expression::name_length;

use super::ast::Fact;
use super::error::{Fault, RecipeProblem};
use super::names::known_name;
use super::spelling::{Spellings, Target};

/// Reads the name that stands at `at` in the source: the name and the bytes it takes.
pub(super) fn name(
    source: &str,
    at: usize,
    spellings: &Spellings,
) -> Result<(String, usize), Fault> {
    let rest = source.get(at..).unwrap_or_default();
    let (name, length) = match rest.as_bytes() {
        [b'{', ..] => braced(rest, 1, at, spellings)?,
        [_, b'{', ..] => braced(rest, 2, at, spellings)?,
        _ => simple(rest, at, spellings)?,
    };
    Ok((name.name().to_owned(), length))
}

type QuotedFact = (Fact, usize);

/// `{$name}`, or `${name}` when two bytes stand before the name.
fn braced(
    rest: &str,
    before: usize,
    at: usize,
    spellings: &Spellings,
) -> Result<QuotedFact, Fault> {
    let fault = || Fault { at, problem: RecipeProblem::Interpolation };
    let inner = rest.get(before..).ok_or_else(fault)?;
    let (name, length) = match spellings.at_start(inner) {
        Some((target, length)) if before == 1 => (spelled(target).ok_or_else(fault)?, length),
        _ => {
            let dollar = usize::from(before == 1);
            let word = inner.get(dollar..).unwrap_or_default();
            let length = name_length(word.as_bytes());
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
fn simple(rest: &str, at: usize, spellings: &Spellings) -> Result<QuotedFact, Fault> {
    let word = rest.get(1..).unwrap_or_default();
    let Some((target, length)) = spellings.at_start_simple(rest) else {
        let length = name_length(word.as_bytes());
        ends_here(rest, 1 + length, at)?;
        return Ok((known_name(word.get(..length).unwrap_or_default(), at)?, 1 + length));
    };
    // A spelling that has its property or element already is complete in PHP's eyes too.
    if name_length(word.as_bytes()) + 1 == length {
        ends_here(rest, length, at)?;
    }
    let name = spelled(target).ok_or(Fault { at, problem: RecipeProblem::Interpolation })?;
    Ok((name, length))
}

/// Refuses a name that goes on as `->property` or `[element]`.
fn ends_here(rest: &str, length: usize, at: usize) -> Result<(), Fault> {
    let tail = rest.as_bytes().get(length..).unwrap_or_default();
    let property = tail.strip_prefix(b"?->").or_else(|| tail.strip_prefix(b"->"));
    if tail.first() == Some(&b'[') || property.is_some_and(|name| name_length(name) > 0) {
        return Err(Fault { at, problem: RecipeProblem::Interpolation });
    }
    Ok(())
}

fn spelled(target: Target) -> Option<Fact> {
    match target {
        Target::Name(name) => Some(name),
        Target::Function(_) => None,
    }
}
