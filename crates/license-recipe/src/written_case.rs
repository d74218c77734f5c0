//! In which letter case a recipe writes its keys, if that can be told without any user.
//!
//! Used by the key ring: a key that can hold letters of only one case is the same key in the other.

use super::ast::{Expr, Fact};
use super::functions::Builtin;
use super::letter_case::LetterCase;
use super::sprintf::Format;
use super::value::Value;

/// Those of a part's value.
pub(super) fn of(expr: &Expr) -> LetterCase {
    match expr {
        Expr::Literal(value) => of_value(value),
        Expr::Name(Fact::UserId) => LetterCase::None,
        Expr::Name(_) => LetterCase::Mixed,
        Expr::Join { parts, .. } | Expr::First(parts) | Expr::List(parts) => all(parts),
        Expr::Choice { then, otherwise, .. } => of(then).and(of(otherwise)),
        // Only the values get into a text.
        Expr::Pairs(pairs) => {
            pairs.iter().map(|(_, value)| of(value)).fold(LetterCase::None, LetterCase::and)
        }
        Expr::Call { function, arguments, .. } => of_call(*function, arguments),
    }
}

fn of_value(value: &Value) -> LetterCase {
    match value {
        Value::Text(text) => LetterCase::of_text(text),
        Value::Int(_) | Value::Bool(_) => LetterCase::None,
        Value::List(items) => items.iter().map(of_value).fold(LetterCase::None, LetterCase::and),
        Value::Pairs(pairs) => pairs
            .iter()
            .map(|(_, value)| LetterCase::of_text(value))
            .fold(LetterCase::None, LetterCase::and),
    }
}

fn all(parts: &[Expr]) -> LetterCase {
    parts.iter().map(of).fold(LetterCase::None, LetterCase::and)
}

fn of_call(function: Builtin, arguments: &[Expr]) -> LetterCase {
    let argument = |place: usize| arguments.get(place).map_or(LetterCase::None, of);
    // Raw bytes may be any letters.
    let digits = |raw: usize| match arguments.get(raw) {
        None | Some(Expr::Literal(Value::Bool(false))) => LetterCase::Lower,
        Some(_) => LetterCase::Mixed,
    };
    match function {
        Builtin::Md5 | Builtin::Sha1 => digits(1),
        Builtin::Hash => digits(2),
        Builtin::HashHmac => digits(3),
        Builtin::GetHash
        | Builtin::Bin2hex
        | Builtin::Dechex
        | Builtin::Strtolower
        | Builtin::MbStrtolower => LetterCase::Lower,
        Builtin::Strtoupper | Builtin::MbStrtoupper => LetterCase::Upper,
        Builtin::Crc32 | Builtin::Strlen | Builtin::Intval => LetterCase::None,
        Builtin::Base64Encode => LetterCase::Mixed,
        Builtin::Ucfirst => argument(0).and(match argument(0) {
            LetterCase::None => LetterCase::None,
            _ => LetterCase::Upper,
        }),
        Builtin::Trim | Builtin::Ltrim | Builtin::Rtrim | Builtin::Strrev | Builtin::Substr => {
            argument(0)
        }
        // The replacements: pairs, or the last argument.
        Builtin::Strtr if arguments.len() == 2 => argument(0).and(argument(1)),
        Builtin::StrPad | Builtin::ChunkSplit | Builtin::Wordwrap | Builtin::Strtr => {
            argument(0).and(argument(2))
        }
        Builtin::StrSplit => argument(0),
        Builtin::StrReplace | Builtin::PregReplace => argument(1).and(argument(2)),
        Builtin::Implode => all(arguments),
        Builtin::Sprintf | Builtin::Vsprintf => match arguments.split_first() {
            Some((Expr::Literal(Value::Text(format)), values)) => Format::parse(format)
                .map_or(LetterCase::Mixed, |format| format.letter_case(all(values))),
            _ => LetterCase::Mixed,
        },
    }
}
