//! PHP's conversions between numbers and text.
//!
//! For files and requests whose values may be stored as another type than the one that is wanted.

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

/// `(int) $text`: the number the text starts with, or 0; what does not fit is clamped.
#[must_use]
pub fn text_to_int(text: &[u8]) -> i64 {
    let Some(number) = numeric_prefix(text) else {
        return 0;
    };
    match number.parse::<i64>() {
        Ok(value) => value,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the cast clamps, as PHP does with a numeric text"
        )]
        Err(_) => number.parse::<f64>().unwrap_or(0.0) as i64,
    }
}

/// PHP's `is_numeric`: a number, with white space before and after it.
#[must_use]
pub fn is_numeric(text: &[u8]) -> bool {
    numeric_prefix(text).is_some_and(|number| {
        let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
        let rest = text.get(blanks + number.len()..).unwrap_or_default();
        rest.iter().all(|&byte| is_space(byte))
    })
}

/// The number that `text` starts with, behind white space: sign, digits, decimals, exponent.
fn numeric_prefix(text: &[u8]) -> Option<&str> {
    let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
    let text = text.get(blanks..)?;
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };

    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let decimals = match text.get(end) {
        Some(b'.') => digits(end + 1),
        _ => 0,
    };
    if whole + decimals == 0 {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        end += 1 + decimals;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    std::str::from_utf8(text.get(..end)?).ok()
}

/// White space at the edges of a numeric text.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
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
        let cases: [(&str, i64, bool); 12] = [
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
        ];
        for (text, value, numeric) in cases {
            assert_eq!(text_to_int(text.as_bytes()), value, "{text}");
            assert_eq!(is_numeric(text.as_bytes()), numeric, "{text}");
        }
    }
}
