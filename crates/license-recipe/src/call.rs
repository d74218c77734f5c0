//! The functions of a recipe, on values.
//!
//! Used by `eval` for every call and by `bounds` for calls whose arguments are known beforehand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use php_compat::number;

use super::digest::{Algorithm, written};
use super::error::NoValue;
use super::functions::{Builtin, Parameter};
use super::multibyte;
use super::pairs;
use super::pattern::Pattern;
use super::sprintf::Format;
use super::text;
use super::value::Value::{self, Bool, Int, List, Text};
use super::wordwrap;

/// Calls a function as PHP would. `secret` is the prefix that `getHash` adds.
pub(super) fn call(
    builtin: Builtin,
    arguments: Vec<Value>,
    secret: &[u8],
) -> Result<Value, NoValue> {
    let arguments = convert(builtin, arguments)?;
    let value = match builtin {
        Builtin::Crc32 | Builtin::Strlen | Builtin::Intval => Int(integer(builtin, &arguments)?),
        Builtin::Md5
        | Builtin::Sha1
        | Builtin::Hash
        | Builtin::HashHmac
        | Builtin::GetHash
        | Builtin::Base64Encode
        | Builtin::Bin2hex
        | Builtin::Dechex => Text(digits(builtin, &arguments, secret)?),
        Builtin::StrSplit => List(str_split(&arguments)?),
        _ => Text(string(builtin, &arguments)?),
    };
    if let Text(text) = &value {
        text::fits(text.len())?;
    }
    Ok(value)
}

/// Converts the arguments to the types of the parameters, as PHP does without `strict_types`.
fn convert(builtin: Builtin, arguments: Vec<Value>) -> Result<Vec<Value>, NoValue> {
    let signature = builtin.signature().ok_or(NoValue::Arguments)?;
    let last = signature.parameters.last().copied().filter(|_| signature.repeats);
    let parameters = signature.parameters.iter().copied().map(Some).chain(std::iter::repeat(last));
    let mut converted = Vec::with_capacity(arguments.len());
    for (position, (argument, parameter)) in (1..).zip(arguments.into_iter().zip(parameters)) {
        let parameter = parameter.ok_or(NoValue::Arguments)?;
        let value = match parameter {
            Parameter::Text => argument.into_text().map(Text),
            Parameter::Int => {
                Some(argument.into_int().map(Int).ok_or(NoValue::NotANumber { position })?)
            }
            Parameter::Bool => argument.into_bool().map(Bool),
            Parameter::Scalar => Some(argument),
            Parameter::Values => match argument {
                List(items) if items.iter().all(|item| !matches!(item, List(_))) => {
                    Some(List(items))
                }
                _ => None,
            },
            Parameter::TextOrPairs => match argument {
                Value::Pairs(pairs) => Some(Value::Pairs(pairs)),
                // PHP counts the places of a list without keys.
                List(items) => Value::pairs((0..).map(Int).zip(items)),
                scalar => scalar.into_text().map(Text),
            },
            Parameter::TextOrList | Parameter::List => match argument {
                List(items) => {
                    items.into_iter().map(|item| item.into_text().map(Text)).collect::<Option<_>>()
                }
                .map(List),
                scalar => scalar.into_text().map(Text),
            },
        };
        converted.push(value.ok_or(NoValue::Arguments)?);
    }
    Ok(converted)
}

fn integer(builtin: Builtin, arguments: &[Value]) -> Result<i64, NoValue> {
    match (builtin, arguments) {
        (Builtin::Crc32, [Text(data)]) => Ok(i64::from(crc32fast::hash(data))),
        (Builtin::Strlen, [Text(data)]) => i64::try_from(data.len()).map_err(|_| NoValue::TooLong),
        (Builtin::Intval, [Text(digits), Int(base)]) if *base != 10 => {
            Ok(number::in_base(digits, *base))
        }
        (Builtin::Intval, [value, ..]) => Ok(value.cast_int()),
        _ => Err(NoValue::Arguments),
    }
}

/// Digests and other notations of bytes.
fn digits(builtin: Builtin, arguments: &[Value], secret: &[u8]) -> Result<Vec<u8>, NoValue> {
    let plain = |algorithm: Algorithm, data: &[u8], options: &[Value]| {
        written(algorithm.digest(data).as_bytes(), matches!(options, [Bool(true)]))
    };
    match (builtin, arguments) {
        (Builtin::Md5, [Text(data), raw @ ..]) => Ok(plain(Algorithm::Md5, data, raw)),
        (Builtin::Sha1, [Text(data), raw @ ..]) => Ok(plain(Algorithm::Sha1, data, raw)),
        (Builtin::Hash, [Text(name), Text(data), raw @ ..]) => {
            let algorithm = Algorithm::find(name).ok_or(NoValue::UnknownAlgorithm)?;
            Ok(plain(algorithm, data, raw))
        }
        (Builtin::HashHmac, [Text(name), Text(data), Text(key), raw @ ..]) => {
            let algorithm = Algorithm::find(name).ok_or(NoValue::UnknownAlgorithm)?;
            let digest = algorithm.keyed_digest(data, key).ok_or(NoValue::UnkeyedAlgorithm)?;
            Ok(written(&digest, matches!(raw, [Bool(true)])))
        }
        (Builtin::GetHash, [Text(data)]) => {
            Ok(plain(Algorithm::Md5, &[secret, data.as_slice()].concat(), &[]))
        }
        (Builtin::Base64Encode, [Text(data)]) => Ok(STANDARD.encode(data).into_bytes()),
        (Builtin::Bin2hex, [Text(data)]) => Ok(written(data, false)),
        (Builtin::Dechex, [Int(number)]) => Ok(format!("{number:x}").into_bytes()),
        _ => Err(NoValue::Arguments),
    }
}

/// Everything that makes text of text.
fn string(builtin: Builtin, arguments: &[Value]) -> Result<Vec<u8>, NoValue> {
    match (builtin, arguments) {
        (Builtin::Strtolower, [Text(data)]) => Ok(data.to_ascii_lowercase()),
        (Builtin::Strtoupper, [Text(data)]) => Ok(data.to_ascii_uppercase()),
        (Builtin::Ucfirst, [Text(data)]) => {
            let (first, rest) = data.split_at_checked(1).unwrap_or_default();
            Ok([&first.to_ascii_uppercase(), rest].concat())
        }
        (Builtin::Strrev, [Text(data)]) => Ok(data.iter().rev().copied().collect()),
        (Builtin::Trim | Builtin::Ltrim | Builtin::Rtrim, [Text(data), characters @ ..]) => {
            let characters = match characters {
                [Text(characters)] => Some(characters.as_slice()),
                _ => None,
            };
            let (left, right) = (builtin != Builtin::Rtrim, builtin != Builtin::Ltrim);
            Ok(text::trim(data, characters, left, right))
        }
        (Builtin::Substr, [Text(data), Int(offset)]) => Ok(text::substr(data, *offset, None)),
        (Builtin::Substr, [Text(data), Int(offset), Int(length)]) => {
            Ok(text::substr(data, *offset, Some(*length)))
        }
        (Builtin::StrReplace, [search, by, Text(subject)]) => str_replace(search, by, subject),
        (Builtin::StrPad, [Text(data), Int(length), options @ ..]) => match options {
            [] => text::pad(data, *length, b" ", text::PAD_RIGHT),
            [Text(with)] => text::pad(data, *length, with, text::PAD_RIGHT),
            [Text(with), Int(side)] => text::pad(data, *length, with, *side),
            _ => Err(NoValue::Arguments),
        },
        (Builtin::ChunkSplit, [Text(data), options @ ..]) => match options {
            [] => text::chunk_split(data, 76, b"\r\n"),
            [Int(length)] => text::chunk_split(data, *length, b"\r\n"),
            [Int(length), Text(end)] => text::chunk_split(data, *length, end),
            _ => Err(NoValue::Arguments),
        },
        (Builtin::Strtr, [Text(data), Text(from), Text(to)]) => Ok(text::translate(data, from, to)),
        (Builtin::Strtr, [Text(data), Value::Pairs(pairs)]) => pairs::replace(data, pairs),
        (Builtin::Sprintf, [Text(format), values @ ..]) => Format::parse(format)?.render(values),
        (Builtin::Vsprintf, [Text(format), List(values)]) => Format::parse(format)?.render(values),
        (Builtin::MbStrtolower, [Text(data), encoding @ ..]) => {
            multibyte::check(encoding)?;
            Ok(multibyte::lower(data))
        }
        (Builtin::MbStrtoupper, [Text(data), encoding @ ..]) => {
            multibyte::check(encoding)?;
            Ok(multibyte::upper(data))
        }
        (Builtin::PregReplace, [Text(pattern), Text(by), Text(data)]) => {
            Pattern::parse(pattern)?.replace(data, by)
        }
        (Builtin::Wordwrap, [Text(data), options @ ..]) => wordwrap::wrap(data, options),
        (Builtin::Implode, [List(items)]) => text::implode(b"", &texts(items)?),
        (Builtin::Implode, [Text(separator), List(items)]) => {
            text::implode(separator, &texts(items)?)
        }
        _ => Err(NoValue::Arguments),
    }
}

/// `str_split`; the last piece may be shorter.
fn str_split(arguments: &[Value]) -> Result<Vec<Value>, NoValue> {
    let (data, length) = match arguments {
        [Text(data)] => (data, 1),
        [Text(data), Int(length)] => (data, *length),
        _ => return Err(NoValue::Arguments),
    };
    if length < 1 {
        return Err(NoValue::ChunkLength);
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(data.chunks(length).map(|piece| Text(piece.to_vec())).collect())
}

/// `str_replace`; lists are worked through one after the other, each on the result of the last.
fn str_replace(search: &Value, by: &Value, subject: &[u8]) -> Result<Vec<u8>, NoValue> {
    let searches = match (search, by) {
        (Text(search), Text(_)) => vec![search.clone()],
        (List(searches), _) => texts(searches)?,
        _ => return Err(NoValue::Arguments),
    };
    // A single replacement serves every search; a list that is too short continues with empty
    // texts.
    let replacement = |index: usize| match by {
        Text(by) => by.as_slice(),
        List(items) => match items.get(index) {
            Some(Text(by)) => by.as_slice(),
            _ => &[],
        },
        Int(_) | Bool(_) | Value::Pairs(_) => &[],
    };
    (0..).zip(&searches).try_fold(subject.to_vec(), |subject, (index, search)| {
        text::replace(&subject, search, replacement(index))
    })
}

fn texts(items: &[Value]) -> Result<Vec<Vec<u8>>, NoValue> {
    items.iter().map(|item| item.clone().into_text().ok_or(NoValue::Arguments)).collect()
}
