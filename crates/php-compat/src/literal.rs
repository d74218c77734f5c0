//! The escapes of PHP string literals: the text between the quotes, as bytes.
//!
//! A caller finds the end of the literal; this file only handles the escapes.

/// The value of a single-quoted literal, given the bytes between its quotes.
///
/// Only `\\` and `\'` are escapes there; every other backslash stands for itself.
#[must_use]
pub fn unescape_single(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek()) {
            (b'\\', Some(&next @ (b'\\' | b'\''))) => {
                out.push(next);
                rest.next();
            }
            _ => out.push(byte),
        }
    }
    out
}

/// Decodes one escape of a double-quoted literal or heredoc.
///
/// `after` starts behind the backslash. Returns the bytes it stands for and how many bytes of
/// `after` it takes; an escape PHP does not know keeps its backslash (`\q` is `\q`). A code point
/// that does not exist (`\u{110000}`) is `None`: PHP refuses to compile such a file.
#[must_use]
pub fn unescape_double(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let simple = |byte: u8| Some((vec![byte], 1));
    match after.first() {
        None => Some((vec![b'\\'], 0)),
        Some(b'n') => simple(b'\n'),
        Some(b't') => simple(b'\t'),
        Some(b'r') => simple(b'\r'),
        Some(b'v') => simple(0x0b),
        Some(b'e') => simple(0x1b),
        Some(b'f') => simple(0x0c),
        Some(&byte @ (b'\\' | b'$' | b'"')) => simple(byte),
        Some(b'0'..=b'7') => {
            let (value, digits) = number(after, 8, 3);
            // PHP keeps the low eight bits of `\400` and above.
            Some((vec![(value & 0xff) as u8], digits))
        }
        Some(b'x') => match number(after.get(1..).unwrap_or_default(), 16, 2) {
            (_, 0) => Some((b"\\x".to_vec(), 1)),
            (value, digits) => Some((vec![(value & 0xff) as u8], digits + 1)),
        },
        Some(b'u') if after.get(1) == Some(&b'{') => code_point(after),
        Some(&other) => Some((vec![b'\\', other], 1)),
    }
}

/// `u{1F511}`, from the `u` on.
fn code_point(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let digits = after.get(2..)?;
    let end = digits.iter().position(|&byte| byte == b'}')?;
    let text = std::str::from_utf8(digits.get(..end)?).ok()?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(text, 16).ok()?;
    let bytes = match char::from_u32(value) {
        Some(character) => character.to_string().into_bytes(),
        None => surrogate(value)?.to_vec(),
    };
    Some((bytes, end + 3))
}

/// The three bytes PHP writes for one half of a surrogate pair, though UTF-8 has none for it.
fn surrogate(value: u32) -> Option<[u8; 3]> {
    let low = u16::try_from(value).ok()? & 0x0fff;
    let [_, middle] = (low >> 6).to_be_bytes();
    let [_, last] = (low & 0x3f).to_be_bytes();
    Some([0xed, 0x80 | middle, 0x80 | last])
}

/// Reads up to `most` digits; the value and how many there were.
fn number(text: &[u8], radix: u32, most: usize) -> (u32, usize) {
    text.iter()
        .take(most)
        .map_while(|&byte| char::from(byte).to_digit(radix))
        .fold((0, 0), |(value, digits), digit| (value * radix + digit, digits + 1))
}

#[cfg(test)]
mod tests {
    use super::{unescape_double, unescape_single};

    #[test]
    fn single_quotes_know_two_escapes() {
        assert_eq!(unescape_single(br"C:\path\n\\x\'\"), br"C:\path\n\x'\");
    }

    #[test]
    fn double_quotes_know_the_rest() {
        assert_eq!(unescape_double(b"x41!"), Some((b"A".to_vec(), 3)));
        assert_eq!(unescape_double(b"1017"), Some((b"A".to_vec(), 3)));
        assert_eq!(unescape_double(b"u{1F511}x"), Some(("\u{1F511}".into(), 8)));
        assert_eq!(unescape_double(b"xg"), Some((b"\\x".to_vec(), 1)));
        assert_eq!(unescape_double(b"q"), Some((b"\\q".to_vec(), 1)));
        assert_eq!(unescape_double(b"u{D800}"), Some((vec![0xed, 0xa0, 0x80], 7)));
        assert_eq!(unescape_double(b"u{110000}"), None);
    }
}
