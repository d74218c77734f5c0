//! How long the values of a recipe can get, found out before any user asks for a key.
//!
//! Used by `Recipe::parse` (the group is not known yet) and `Recipe::check` (group, seed and secret
//! are known). Parts that hold no user's data are evaluated for good, so errors that PHP would
//! always throw are found here too.

use super::ast::{Expr, Fact};
use super::call::call;
use super::error::{EvalError, NoValue};
use super::eval::is_true;
use super::facts::Facts;
use super::functions::Builtin;
use super::known::KnownValue;
use super::multibyte;
use super::pairs;
use super::pattern::Pattern;
use super::sprintf::Format;
use super::text::fits;
use super::value::Value;
use super::wordwrap;

/// Columns of Joomla's users table, in characters, at four bytes each.
const LONGEST_EMAIL: usize = 100 * 4;
const LONGEST_USERNAME: usize = 150 * 4;
const LONGEST_NAME: usize = 400 * 4;

/// Refuses a recipe that some legal user could make longer than a value may be, or that fails for
/// every user. Without `facts`, judges only by facts that hold for every group.
pub(super) fn check(root: &Expr, facts: Option<&Facts<'_>>) -> Result<(), EvalError> {
    known(root, facts).map(|_| ())
}

fn known(expr: &Expr, facts: Option<&Facts<'_>>) -> Result<KnownValue, EvalError> {
    match expr {
        Expr::Literal(value) => Ok(KnownValue::Exactly(value.clone())),
        Expr::Name(name) => Ok(known_name(*name, facts)),
        Expr::List(items) => Ok(list(all_known(items, facts)?)),
        Expr::Pairs(items) => {
            let pair = |(key, value): &(Expr, Expr)| Ok((known(key, facts)?, known(value, facts)?));
            Ok(pairs(items.iter().map(pair).collect::<Result<_, EvalError>>()?))
        }
        Expr::First(parts) => {
            let mut possible = Vec::new();
            for (left, part) in (0..parts.len()).rev().zip(parts) {
                let part = known(part, facts)?;
                match part.exact().map(|value| is_true(&value)) {
                    Some(false) if left > 0 => {}
                    Some(true) => {
                        possible.push(part);
                        break;
                    }
                    _ => possible.push(part),
                }
            }
            Ok(one_of(possible))
        }
        Expr::Choice { condition, then, otherwise } => {
            match known(condition, facts)?.exact().map(|value| is_true(&value)) {
                Some(true) => known(then, facts),
                Some(false) => known(otherwise, facts),
                None => Ok(one_of(vec![known(then, facts)?, known(otherwise, facts)?])),
            }
        }
        Expr::Join { at, parts } => {
            let parts = all_known(parts, facts)?;
            let lengths =
                parts.iter().map(KnownValue::longest).try_fold(0_usize, |sum, longest| {
                    longest.map(|longest| sum.saturating_add(longest))
                });
            let Some(length) = lengths else {
                return Ok(KnownValue::Later);
            };
            fits(length).map_err(|refusal| EvalError::new(*at, "", refusal))?;
            Ok(match exact(&parts) {
                Some(values) => KnownValue::Exactly(Value::Text(
                    values.into_iter().filter_map(Value::into_text).flatten().collect(),
                )),
                None => KnownValue::Text(length),
            })
        }
        Expr::Call { at, function, arguments } => {
            known_call(*function, &all_known(arguments, facts)?, facts)
                .map_err(|refusal| EvalError::new(*at, function.name(), refusal))
        }
    }
}

fn all_known(parts: &[Expr], facts: Option<&Facts<'_>>) -> Result<Vec<KnownValue>, EvalError> {
    parts.iter().map(|part| known(part, facts)).collect()
}

fn known_name(name: Fact, facts: Option<&Facts<'_>>) -> KnownValue {
    match (name, facts) {
        (Fact::Email, _) => KnownValue::Text(LONGEST_EMAIL),
        (Fact::Username, _) => KnownValue::Text(LONGEST_USERNAME),
        (Fact::Name, _) => KnownValue::Text(LONGEST_NAME),
        (Fact::UserId, _) => KnownValue::Int(i64::MAX),
        (_, Some(facts)) => KnownValue::Exactly(facts.value(name)),
        (_, None) => KnownValue::Later,
    }
}

/// Returns the knowledge that holds for all of these values.
fn one_of(mut possible: Vec<KnownValue>) -> KnownValue {
    if possible.len() == 1 {
        return possible.pop().unwrap_or(KnownValue::Later);
    }
    let is_int =
        |part: &KnownValue| matches!(part, KnownValue::Int(_) | KnownValue::Exactly(Value::Int(_)));
    if possible.iter().any(KnownValue::is_open) {
        KnownValue::Later
    } else if possible.iter().all(is_int) {
        KnownValue::Int(possible.iter().map(KnownValue::largest).max().unwrap_or(i64::MAX))
    } else {
        KnownValue::Text(possible.iter().filter_map(KnownValue::longest).max().unwrap_or(0))
    }
}

fn pairs(items: Vec<(KnownValue, KnownValue)>) -> KnownValue {
    let values = items.iter().map(|(key, value)| Some((key.exact()?, value.exact()?)));
    let values: Option<Vec<_>> = values.collect();
    values.and_then(Value::pairs).map_or(KnownValue::Pairs(items), KnownValue::Exactly)
}

fn list(items: Vec<KnownValue>) -> KnownValue {
    match exact(&items) {
        Some(values) => KnownValue::Exactly(Value::List(values)),
        None => KnownValue::List(items),
    }
}

/// The values, when all of them are known.
fn exact(parts: &[KnownValue]) -> Option<Vec<Value>> {
    parts.iter().map(KnownValue::exact).collect()
}

/// Returns the possible results of a call.
fn known_call(
    function: Builtin,
    arguments: &[KnownValue],
    facts: Option<&Facts<'_>>,
) -> Result<KnownValue, NoValue> {
    let secret = facts.map(|facts| facts.secret);
    let needs_secret = function == Builtin::GetHash;
    if let Some(values) = exact(arguments)
        && (secret.is_some() || !needs_secret)
    {
        return call(function, values, secret.unwrap_or_default()).map(KnownValue::Exactly);
    }
    if arguments.iter().any(KnownValue::is_open) || (needs_secret && secret.is_none()) {
        return Ok(KnownValue::Later);
    }
    let length =
        |position: usize| arguments.get(position).and_then(KnownValue::longest).unwrap_or(0);
    let text = length(0);
    let longest = match function {
        Builtin::Crc32 => return Ok(KnownValue::Int(i64::from(u32::MAX))),
        Builtin::Strlen => return Ok(KnownValue::Int(i64::try_from(text).unwrap_or(i64::MAX))),
        Builtin::Intval => return Ok(KnownValue::Int(i64::MAX)),
        Builtin::Md5 | Builtin::GetHash => 32,
        Builtin::Sha1 => 40,
        Builtin::Hash | Builtin::HashHmac => 128,
        Builtin::Dechex => 16,
        Builtin::Base64Encode => text.div_ceil(3).saturating_mul(4),
        Builtin::Bin2hex => text.saturating_mul(2),
        Builtin::Strtolower
        | Builtin::Strtoupper
        | Builtin::Ucfirst
        | Builtin::Trim
        | Builtin::Ltrim
        | Builtin::Rtrim
        | Builtin::Strrev => text,
        Builtin::Strtr => strtr(text, arguments),
        Builtin::MbStrtolower => multibyte_case(text, arguments, multibyte::LOWER_GROWTH)?,
        Builtin::MbStrtoupper => multibyte_case(text, arguments, multibyte::UPPER_GROWTH)?,
        Builtin::Wordwrap => wrapped(text, arguments)?,
        Builtin::PregReplace => preg_replace(arguments)?,
        Builtin::StrSplit => return str_split(text, arguments),
        Builtin::Substr => substr(text, arguments),
        Builtin::StrReplace => str_replace(arguments)?,
        Builtin::StrPad => {
            let wanted = arguments.get(1).map_or(0, KnownValue::largest).max(0);
            usize::try_from(wanted).unwrap_or(usize::MAX).max(text)
        }
        Builtin::ChunkSplit => chunk_split(text, arguments)?,
        Builtin::Sprintf | Builtin::Vsprintf => sprintf(function, arguments)?,
        Builtin::Implode => implode(arguments),
    };
    fits(longest)?;
    Ok(KnownValue::Text(longest))
}

fn substr(text: usize, arguments: &[KnownValue]) -> usize {
    // Only a fixed length that does not count from the end says more than the text itself.
    match arguments {
        [_, _, KnownValue::Exactly(length)] => {
            let length = length.clone().into_int().and_then(|length| usize::try_from(length).ok());
            length.map_or(text, |length| length.min(text))
        }
        _ => text,
    }
}

fn str_replace(arguments: &[KnownValue]) -> Result<usize, NoValue> {
    let [search, by, subject] = arguments else {
        return Err(NoValue::Arguments);
    };
    let replacements: Vec<usize> = by.items().iter().filter_map(KnownValue::longest).collect();
    let shared = !matches!(by, KnownValue::List(_) | KnownValue::Exactly(Value::List(_)));
    let mut length = subject.longest().unwrap_or(0);
    for (position, search) in search.items().into_iter().enumerate() {
        let position = if shared { 0 } else { position };
        let by = replacements.get(position).copied().unwrap_or(0);
        // A search of unknown length may be a single byte.
        let searched = match &search {
            KnownValue::Exactly(_) => search.longest().unwrap_or(1),
            _ => 1,
        };
        if searched > 0 && by > searched {
            length = (length / searched).saturating_mul(by).saturating_add(length % searched);
        }
        fits(length)?;
    }
    Ok(length)
}

/// The least length of a chunk, as argument 2 gives it.
fn chunk_length(length: Option<&KnownValue>, default: usize) -> Result<usize, NoValue> {
    match length {
        None => Ok(default),
        Some(KnownValue::Exactly(length)) => {
            let length = length.clone().into_int().ok_or(NoValue::NotANumber { position: 2 })?;
            usize::try_from(length).ok().filter(|&length| length > 0).ok_or(NoValue::ChunkLength)
        }
        Some(_) => Ok(1),
    }
}

fn str_split(text: usize, arguments: &[KnownValue]) -> Result<KnownValue, NoValue> {
    fits(text)?;
    let chunk = chunk_length(arguments.get(1), 1)?;
    let pieces = (0..text).step_by(chunk).map(|from| KnownValue::Text(chunk.min(text - from)));
    Ok(KnownValue::List(pieces.collect()))
}

fn chunk_split(text: usize, arguments: &[KnownValue]) -> Result<usize, NoValue> {
    let chunk = chunk_length(arguments.get(1), 76)?;
    let end = arguments.get(2).map_or(Some(2), KnownValue::longest).unwrap_or(0);
    Ok(text.saturating_add(text.div_ceil(chunk).max(1).saturating_mul(end)))
}

fn sprintf(function: Builtin, arguments: &[KnownValue]) -> Result<usize, NoValue> {
    let Some((format, values)) = arguments.split_first() else {
        return Err(NoValue::Arguments);
    };
    // A format made of a user's data may ask for any width: only the limit at run time holds.
    let Some(format) = format.exact().and_then(Value::into_text) else {
        return Ok(super::MAX_VALUE);
    };
    let format = Format::parse(&format)?;
    let values = match (function, values) {
        (Builtin::Vsprintf, [list]) => list.items(),
        _ => values.iter().map(KnownValue::copy).collect(),
    };
    if format.arguments() > values.len() {
        return Err(NoValue::FormatArguments);
    }
    let lengths: Vec<usize> = values.iter().map(|value| value.longest().unwrap_or(0)).collect();
    Ok(format.longest(&lengths))
}

/// Pairs can make a text longer, the form with two texts cannot.
fn strtr(text: usize, arguments: &[KnownValue]) -> usize {
    let known = |bytes: &Vec<u8>| bytes.len();
    // A key of unknown length may be a single byte, or empty, which has no effect.
    let least = |key: &KnownValue| match key {
        KnownValue::Exactly(_) => key.longest().unwrap_or(1),
        _ => 1,
    };
    let most = |value: &KnownValue| value.longest().unwrap_or(0);
    let lengths: Vec<(usize, usize)> = match arguments {
        [_, KnownValue::Exactly(Value::Pairs(pairs))] => {
            pairs.iter().map(|(key, value)| (known(key), known(value))).collect()
        }
        [_, KnownValue::Pairs(pairs)] => {
            pairs.iter().map(|(key, value)| (least(key), most(value))).collect()
        }
        // The keys of a list are the numbers of its places.
        [_, list] => list.items().iter().map(|value| (1, most(value))).collect(),
        _ => return text,
    };
    pairs::longest(text, &lengths)
}

fn multibyte_case(text: usize, arguments: &[KnownValue], growth: usize) -> Result<usize, NoValue> {
    if let Some(KnownValue::Exactly(encoding)) = arguments.get(1) {
        let name = encoding.clone().into_text().ok_or(NoValue::Encoding)?;
        multibyte::check(&[Value::Text(name)])?;
    }
    Ok(text.saturating_mul(growth))
}

fn wrapped(text: usize, arguments: &[KnownValue]) -> Result<usize, NoValue> {
    let width = match arguments.get(1) {
        None => Some(wordwrap::WIDTH),
        Some(KnownValue::Exactly(width)) => {
            Some(width.clone().into_int().ok_or(NoValue::NotANumber { position: 2 })?)
        }
        Some(_) => None,
    };
    let end = arguments.get(2);
    let cut =
        arguments.get(3).and_then(KnownValue::exact).and_then(Value::into_bool).unwrap_or(false);
    match end.and_then(KnownValue::exact).and_then(Value::into_text) {
        Some(end) => wordwrap::check(width.unwrap_or(1), &end, cut)?,
        None => wordwrap::check(width.unwrap_or(1), b"\n", cut)?,
    }
    Ok(wordwrap::longest(text, width, end.map_or(Some(1), KnownValue::longest).unwrap_or(0)))
}

fn preg_replace(arguments: &[KnownValue]) -> Result<usize, NoValue> {
    let [KnownValue::Exactly(Value::Text(pattern)), by, subject] = arguments else {
        return Err(NoValue::Pattern);
    };
    let (pattern, text) = (Pattern::parse(pattern)?, subject.longest().unwrap_or(0));
    match by.exact().and_then(Value::into_text) {
        Some(by) => pattern.longest(text, &by),
        None => Ok(pattern.longest_by(text, by.longest().unwrap_or(0))),
    }
}

fn implode(arguments: &[KnownValue]) -> usize {
    let (separator, list) = match arguments {
        [list] => (0, list),
        [separator, list, ..] => (separator.longest().unwrap_or(0), list),
        [] => return 0,
    };
    let items = list.items();
    let separators = separator.saturating_mul(items.len().saturating_sub(1));
    items.iter().filter_map(KnownValue::longest).fold(separators, usize::saturating_add)
}
