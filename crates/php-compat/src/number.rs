//! PHP's conversions between numbers and text.
//!
//! For files and requests whose values may be stored as another type than the required one.

/// The text PHP makes of a float (`(string) 1e25` is `1.0E+25`), with its default precision of
/// 14 digits.
#[must_use]
pub fn float_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NAN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    let rounded = format!("{value:.13e}");
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.trim_end_matches('0');
    if !(-4..14).contains(&exponent) {
        let dot = if mantissa.ends_with('.') { "0" } else { "" };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}{dot}E{sign}{}", exponent.abs());
    }
    let decimals = usize::try_from(13 - exponent).unwrap_or(0);
    let plain = format!("{value:.decimals$}");
    if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        plain
    }
}

/// The value of a string that as a whole is a number and fits an integer.
///
/// Blanks on both sides are ignored and a fraction is cut off; anything else is `None`: for those
/// PHP's integer parameters throw a `TypeError`.
#[must_use]
pub fn whole_number(text: &[u8]) -> Option<i64> {
    let (number, rest) = scan(text)?;
    if !rest.iter().copied().all(is_blank) {
        return None;
    }
    match number {
        Scanned::Integer(value) => value,
        Scanned::Decimal(value) => float_to_int(value),
    }
}

/// Returns `(int) $text`: the number at the start of the text, clamped to the range of an integer;
/// 0 if there is none.
#[must_use]
pub fn text_to_int(text: &[u8]) -> i64 {
    match scan(text) {
        None => 0,
        Some((Scanned::Integer(Some(value)), _)) => value,
        Some((Scanned::Integer(None), _)) => {
            let negative = text.iter().find(|byte| !is_blank(**byte)) == Some(&b'-');
            if negative { i64::MIN } else { i64::MAX }
        }
        // An exponent beyond any float gives 0, a merely large one saturates.
        Some((Scanned::Decimal(value), _)) if value.is_infinite() => 0,
        Some((Scanned::Decimal(value), _)) => truncate(value),
    }
}

/// PHP's `is_numeric`: a number, with blanks before and after it.
#[must_use]
pub fn is_numeric(text: &[u8]) -> bool {
    scan(text).is_some_and(|(_, rest)| rest.iter().copied().all(is_blank))
}

/// `intval` with a base, as C's `strtol` reads it; a base that does not exist gives 0.
///
/// Base 0 takes the base from a prefix (`0x`, `0b`, `0`); bases 16 and 2 allow their own.
#[must_use]
pub fn in_base(text: &[u8], base: i64) -> i64 {
    let text = skip_blanks(text);
    let (sign, digits) = split_sign(text);
    if matches!(base, 0 | 2)
        && let [b'0', b'b' | b'B', rest @ ..] = digits
        && text.len() > 2
    {
        // Without a sign before the prefix, PHP lets one stand behind it.
        let (negative, rest) = match sign {
            None => {
                let (sign, rest) = split_sign(skip_blanks(rest));
                (sign == Some(b'-'), rest)
            }
            Some(sign) => (sign == b'-', rest),
        };
        return saturating(rest, 2, negative);
    }
    let negative = sign == Some(b'-');
    let hexadecimal = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            Some(rest)
        }
        _ => None,
    };
    match (base, hexadecimal) {
        (0 | 16, Some(rest)) => saturating(rest, 16, negative),
        (0, None) if digits.first() == Some(&b'0') => saturating(digits, 8, negative),
        (0, None) => saturating(digits, 10, negative),
        (2..=36, _) => saturating(digits, u32::try_from(base).unwrap_or(10), negative),
        _ => 0,
    }
}

fn saturating(digits: &[u8], radix: u32, negative: bool) -> i64 {
    digits.iter().map_while(|&byte| char::from(byte).to_digit(radix)).fold(0_i64, |value, digit| {
        let (radix, digit) = (i64::from(radix), i64::from(digit));
        let value = value.saturating_mul(radix);
        if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) }
    })
}

enum Scanned {
    /// Digits only; `None` when they do not fit.
    Integer(Option<i64>),
    /// With a fraction or an exponent.
    Decimal(f64),
}

/// Reads the number at the start of a string; returns it and the rest.
fn scan(text: &[u8]) -> Option<(Scanned, &[u8])> {
    let text = skip_blanks(text);
    let (sign, unsigned) = split_sign(text);
    let whole = count_digits(unsigned);
    let mut end = whole;
    if unsigned.get(end) == Some(&b'.') {
        let fraction = count_digits(unsigned.get(end + 1..).unwrap_or_default());
        if whole > 0 || fraction > 0 {
            end += 1 + fraction;
        }
    }
    if end == 0 {
        return None;
    }
    if let Some([b'e' | b'E', exponent @ ..]) = unsigned.get(end..) {
        let (exponent_sign, digits) = split_sign(exponent);
        let count = count_digits(digits);
        if count > 0 {
            end += 1 + usize::from(exponent_sign.is_some()) + count;
        }
    }
    let length = end + usize::from(sign.is_some());
    let (number, rest) = text.split_at_checked(length)?;
    // Only ASCII signs, digits, `.` and `e` are left in `number`.
    let number = std::str::from_utf8(number).ok()?;
    let scanned = if end == whole {
        Scanned::Integer(number.parse().ok())
    } else {
        Scanned::Decimal(number.parse().ok()?)
    };
    Some((scanned, rest))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    text.get(blanks..).unwrap_or_default()
}

fn split_sign(text: &[u8]) -> (Option<u8>, &[u8]) {
    match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (Some(*sign), rest),
        _ => (None, text),
    }
}

fn count_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// 2^63, the first float above every integer.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// `(int) $float` as far as PHP defines it; `None` beyond the integers.
#[must_use]
pub fn float_to_int(value: f64) -> Option<i64> {
    (-BEYOND..BEYOND).contains(&value).then(|| truncate(value))
}

/// Cuts the fraction off; a value out of range becomes the nearest integer.
#[expect(clippy::cast_possible_truncation, reason = "saturating is what PHP does here")]
fn truncate(value: f64) -> i64 {
    value as i64
}

#[cfg(test)]
mod tests {
    use super::{float_to_text, is_numeric, text_to_int};

    #[test]
    fn floats_as_php_prints_them() {
        let cases = [
            (1.5, "1.5"),
            (1000.0, "1000"),
            (0.1 + 0.2, "0.3"),
            (1e25, "1.0E+25"),
            (1.25e-7, "1.25E-7"),
            (0.0001, "0.0001"),
            (0.00001, "1.0E-5"),
            (1e13, "10000000000000"),
            (1e14, "1.0E+14"),
            (99_999_999_999_999.9, "1.0E+14"),
            (123_456_789_012_345.0, "1.2345678901234E+14"),
            (-0.0, "-0"),
        ];
        for (value, expected) in cases {
            assert_eq!(float_to_text(value), expected);
        }
    }

    #[test]
    fn texts_as_php_counts_them() {
        let cases: [(&str, i64, bool); 15] = [
            ("25", 25, true),
            (" 25", 25, true),
            ("25 ", 25, true),
            ("25x", 25, false),
            ("-7", -7, true),
            ("1e3", 1000, true),
            ("1.9", 1, true),
            (".5", 0, true),
            ("1.", 1, true),
            ("", 0, false),
            ("x", 0, false),
            ("99999999999999999999", i64::MAX, true),
            ("-99999999999999999999", i64::MIN, true),
            ("1e30", i64::MAX, true),
            ("1e1000", 0, true),
        ];
        for (text, value, numeric) in cases {
            assert_eq!(text_to_int(text.as_bytes()), value, "{text}");
            assert_eq!(is_numeric(text.as_bytes()), numeric, "{text}");
        }
    }
}
