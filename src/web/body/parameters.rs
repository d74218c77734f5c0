//! Parameters of header values: `form-data; name="email"`, `multipart/form-data; boundary=x`.

/// The first parameter of that name, unquoted. Names count without case.
pub(super) fn parameter(header: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let (_, mut rest) = split(header, b';');
    while !rest.is_empty() {
        let at = rest.iter().position(|byte| b";=".contains(byte)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(at);
        let value = if let Some(b'=') = after.first() {
            let (value, after) = value(after.get(1..).unwrap_or_default());
            rest = split(after, b';').1;
            value
        } else {
            rest = after.get(1..).unwrap_or_default();
            Vec::new()
        };
        if name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()) {
            return Some(value);
        }
    }
    None
}

/// A value and what follows it. Within quotes a backslash protects a quote and a backslash; others
/// stand for themselves, as old browsers send them in file names.
fn value(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let text = text.trim_ascii_start();
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let at = text.iter().position(|&byte| byte == b';').unwrap_or(text.len());
        let (value, rest) = text.split_at(at);
        return (value.trim_ascii_end().to_vec(), rest);
    };
    let mut value = Vec::new();
    let mut rest = quoted;
    loop {
        match rest {
            [b'"', after @ ..] => return (value, after),
            [b'\\', byte @ (b'"' | b'\\'), after @ ..] | [byte, after @ ..] => {
                value.push(*byte);
                rest = after;
            }
            [] => return (value, rest),
        }
    }
}

/// What stands before the first such byte, and after it.
pub(super) fn split(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| byte == at).unwrap_or(text.len());
    let (before, after) = text.split_at(end);
    (before, after.get(1..).unwrap_or_default())
}
