//! PHP's number literals: `15`, `0x1F`, `017`, `0o17`, `0b101`, `1_000`, `1.5`, `.5`, `1e3`.

use super::token::TokenKind;

/// Reads the literal that `text` starts with: [`TokenKind::Int`], [`TokenKind::Float`], or
/// [`TokenKind::Refused`] for one that PHP rounds in a way of its own; `None` if PHP refuses it. Gives
/// its length, too.
#[must_use]
pub fn number(text: &[u8]) -> (Option<TokenKind>, usize) {
    let length = length(text);
    let digits = text.get(..length).unwrap_or_default();
    (value(&String::from_utf8_lossy(digits)), length)
}

/// How many bytes of `text` the literal at its start takes.
fn length(text: &[u8]) -> usize {
    let run = |from: usize, digit: fn(u8) -> bool| {
        let rest = text.get(from..).unwrap_or_default();
        let length = rest.iter().take_while(|&&byte| digit(byte) || byte == b'_').count();
        // An underscore that is not between two digits does not belong to the number.
        let kept = rest.get(..length).unwrap_or_default();
        let double = kept.windows(2).position(|pair| pair == b"__");
        let kept = kept.get(..double.unwrap_or(length)).unwrap_or_default();
        if kept.first() == Some(&b'_') {
            return 0;
        }
        kept.len() - usize::from(kept.last() == Some(&b'_'))
    };
    let prefixed = match text {
        [b'0', b'x' | b'X', ..] => run(2, |byte| byte.is_ascii_hexdigit()),
        [b'0', b'b' | b'B', ..] => run(2, |byte| matches!(byte, b'0' | b'1')),
        [b'0', b'o' | b'O', ..] => run(2, |byte| byte.is_ascii_digit()),
        _ => 0,
    };
    if prefixed > 0 {
        return prefixed + 2;
    }

    let decimal = |byte: u8| byte.is_ascii_digit();
    let mut end = run(0, decimal);
    if text.get(end) == Some(&b'.') {
        end += 1 + run(end + 1, decimal);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = run(end + 1 + sign, decimal);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// The value of a literal; a decimal number too large for PHP's integers is a float.
fn value(text: &str) -> Option<TokenKind> {
    let digits: String = text.chars().filter(|&character| character != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (digits, 2)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (digits, 8)
    } else if lower.contains(['.', 'e']) {
        return lower.parse().ok().map(TokenKind::Float);
    } else if lower.len() > 1 && lower.starts_with('0') {
        (lower.as_str(), 8)
    } else {
        let whole = lower.parse().ok().map(TokenKind::Int);
        return whole.or_else(|| lower.parse().ok().map(TokenKind::Float));
    };
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // PHP's rounding of these is its own affair.
    let too_large = TokenKind::Refused("a number too large for PHP's integers");
    Some(i64::from_str_radix(digits, radix).map_or(too_large, TokenKind::Int))
}
