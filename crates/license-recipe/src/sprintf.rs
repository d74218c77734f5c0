//! PHP's `sprintf`, with the conversions `%s %d %u %x %X %%`.
//!
//! Used by `call` (to format) and `bounds` (to judge a format known before any value is).

use super::error::NoValue;
use super::letter_case::LetterCase;
use super::text::fits;
use super::value::Value;

/// The widest field; PHP takes more, but no value may be longer.
const MAX_WIDTH: usize = super::MAX_VALUE;

/// A format, taken apart.
pub(super) struct Format {
    pieces: Vec<FormatPart>,
}

enum FormatPart {
    Literal(u8),
    Conversion(Conversion),
}

struct Conversion {
    /// Which argument, from 0.
    argument: usize,
    left: bool,
    plus: bool,
    padding: u8,
    width: usize,
    /// `None` also for a `.` without digits.
    precision: Option<usize>,
    letter: Letter,
}

#[derive(Clone, Copy)]
enum Letter {
    Text,
    Signed,
    Unsigned,
    LowerHex,
    UpperHex,
    /// A `%` with a width or position: prints `%` but takes its argument.
    Percent,
}

impl Format {
    /// Splits a format; refuses formats on which PHP throws, and conversions that are not supported
    /// here.
    pub(super) fn parse(format: &[u8]) -> Result<Self, NoValue> {
        let mut pieces = Vec::new();
        let mut next_argument = 0;
        let mut rest = format;
        while let [first, tail @ ..] = rest {
            let piece = match (first, tail) {
                (b'%', [b'%', tail @ ..]) => {
                    rest = tail;
                    FormatPart::Literal(b'%')
                }
                (b'%', _) => {
                    let (conversion, tail) = conversion(tail, &mut next_argument)?;
                    rest = tail;
                    FormatPart::Conversion(conversion)
                }
                _ => {
                    rest = tail;
                    FormatPart::Literal(*first)
                }
            };
            pieces.push(piece);
        }
        Ok(Self { pieces })
    }

    /// How many arguments the format needs.
    pub(super) fn arguments(&self) -> usize {
        self.conversions().map(|conversion| conversion.argument + 1).max().unwrap_or(0)
    }

    /// The longest result, given the longest text of each argument.
    pub(super) fn longest(&self, arguments: &[usize]) -> usize {
        let pieces = self.pieces.iter().map(|piece| match piece {
            FormatPart::Literal(_) => 1,
            FormatPart::Conversion(conversion) => conversion.longest(arguments),
        });
        pieces.fold(0, usize::saturating_add)
    }

    /// The letters that the formatted text can hold, given those of its values.
    pub(super) fn letter_case(&self, of_values: LetterCase) -> LetterCase {
        let of_piece = |piece: &FormatPart| match piece {
            FormatPart::Literal(byte) => LetterCase::of_text(&[*byte]),
            FormatPart::Conversion(Conversion { padding, letter, .. }) => {
                LetterCase::of_text(&[*padding]).and(match letter {
                    Letter::Text => of_values,
                    Letter::LowerHex => LetterCase::Lower,
                    Letter::UpperHex => LetterCase::Upper,
                    Letter::Signed | Letter::Unsigned | Letter::Percent => LetterCase::None,
                })
            }
        };
        self.pieces.iter().map(of_piece).fold(LetterCase::None, LetterCase::and)
    }

    /// The formatted text.
    pub(super) fn render(&self, arguments: &[Value]) -> Result<Vec<u8>, NoValue> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                FormatPart::Literal(byte) => out.push(*byte),
                FormatPart::Conversion(conversion) => conversion.render(arguments, &mut out)?,
            }
            fits(out.len())?;
        }
        Ok(out)
    }

    fn conversions(&self) -> impl Iterator<Item = &Conversion> {
        self.pieces.iter().filter_map(|piece| match piece {
            FormatPart::Literal(_) => None,
            FormatPart::Conversion(conversion) => Some(conversion),
        })
    }
}

/// Reads one conversion from behind its `%`; returns it and the rest.
fn conversion<'f>(
    format: &'f [u8],
    next_argument: &mut usize,
) -> Result<(Conversion, &'f [u8]), NoValue> {
    let (position, mut rest) = argument_position(format)?;
    let (mut left, mut plus, mut padding) = (false, false, b' ');
    rest = loop {
        match rest {
            [b'-', tail @ ..] => (left, rest) = (true, tail),
            [b'+', tail @ ..] => (plus, rest) = (true, tail),
            [flag @ (b' ' | b'0'), tail @ ..] => (padding, rest) = (*flag, tail),
            [b'\'', byte, tail @ ..] => (padding, rest) = (*byte, tail),
            [b'\''] => return Err(NoValue::Format),
            _ => break rest,
        }
    };
    let (width, tail) = number(rest)?;
    let (precision, tail) = match tail {
        [b'.', tail @ ..] => number(tail)?,
        _ => (None, tail),
    };
    let tail = tail.strip_prefix(b"l").unwrap_or(tail);
    let Some((letter, tail)) = tail.split_first() else {
        return Err(NoValue::Format);
    };
    let letter = match letter {
        b's' => Letter::Text,
        b'd' => Letter::Signed,
        b'u' => Letter::Unsigned,
        b'x' => Letter::LowerHex,
        b'X' => Letter::UpperHex,
        b'%' => Letter::Percent,
        _ => return Err(NoValue::Format),
    };
    let argument = position.unwrap_or_else(|| {
        *next_argument += 1;
        *next_argument - 1
    });
    let width = width.unwrap_or(0);
    Ok((Conversion { argument, left, plus, padding, width, precision, letter }, tail))
}

/// The `2$` of `%2$s`, counted from 0.
fn argument_position(format: &[u8]) -> Result<(Option<usize>, &[u8]), NoValue> {
    let digits = format.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match format.get(digits..) {
        Some([b'$', rest @ ..]) => {
            let (position, _) = number(format)?;
            let position = position.and_then(|position| position.checked_sub(1));
            Ok((Some(position.ok_or(NoValue::Format)?), rest))
        }
        _ => Ok((None, format)),
    }
}

/// Reads digits, if there are any. Only digits belong to a number: `l` and letters may follow.
fn number(format: &[u8]) -> Result<(Option<usize>, &[u8]), NoValue> {
    let count = format.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = format.split_at_checked(count).unwrap_or((&[], format));
    if digits.is_empty() {
        return Ok((None, rest));
    }
    let value = digits.iter().fold(0_usize, |value, digit| {
        value.saturating_mul(10).saturating_add(usize::from(digit - b'0'))
    });
    if value >= i32::MAX as usize {
        return Err(NoValue::Format);
    }
    Ok((Some(value), rest))
}

impl Conversion {
    fn longest(&self, arguments: &[usize]) -> usize {
        let own = match self.letter {
            Letter::Text => arguments.get(self.argument).copied().unwrap_or(0),
            Letter::Percent => return 1,
            _ => LONGEST_NUMBER,
        };
        own.max(self.width)
    }

    fn render(&self, arguments: &[Value], out: &mut Vec<u8>) -> Result<(), NoValue> {
        let argument = arguments.get(self.argument).ok_or(NoValue::FormatArguments)?;
        let body = match self.letter {
            Letter::Percent => {
                out.push(b'%');
                return Ok(());
            }
            Letter::Text => {
                let mut text = argument.clone().into_text().ok_or(NoValue::Arguments)?;
                text.truncate(self.precision.unwrap_or(usize::MAX));
                text
            }
            Letter::Signed => {
                let number = argument.cast_int();
                let sign = if self.plus && number >= 0 { "+" } else { "" };
                format!("{sign}{number}").into_bytes()
            }
            Letter::Unsigned => argument.cast_int().cast_unsigned().to_string().into_bytes(),
            // PHP prints no digit at all when a precision is given.
            Letter::LowerHex | Letter::UpperHex if self.precision.is_some() => Vec::new(),
            Letter::LowerHex => format!("{:x}", argument.cast_int()).into_bytes(),
            Letter::UpperHex => format!("{:X}", argument.cast_int()).into_bytes(),
        };
        self.pad(&body, out)
    }

    /// Writes `body` with its padding.
    fn pad(&self, body: &[u8], out: &mut Vec<u8>) -> Result<(), NoValue> {
        if self.width > MAX_WIDTH {
            return Err(NoValue::TooLong);
        }
        let missing = self.width.saturating_sub(body.len());
        let decimal = matches!(self.letter, Letter::Signed | Letter::Unsigned);
        if self.left {
            // Zeroes behind a decimal number would change it; behind hexadecimal ones PHP lets them.
            let padding = if decimal && self.padding == b'0' { b' ' } else { self.padding };
            out.extend_from_slice(body);
            out.extend(std::iter::repeat_n(padding, missing));
            return Ok(());
        }
        let (sign, digits) = match body {
            [sign @ (b'-' | b'+'), digits @ ..] if decimal && self.padding == b'0' => {
                (Some(*sign), digits)
            }
            _ => (None, body),
        };
        out.extend(sign);
        out.extend(std::iter::repeat_n(self.padding, missing));
        out.extend_from_slice(digits);
        Ok(())
    }
}

/// `-9223372036854775808`, and the unsigned `18446744073709551615`.
const LONGEST_NUMBER: usize = 20;
