//! Parameters of header values, as PHP reads them: `form-data; name="email"`,
//! `multipart/form-data; boundary=x`.

/// The meaning of a part, by its `Content-Disposition`.
pub(super) enum Name {
    /// A field.
    Field(Vec<u8>),
    /// A file.
    File,
    /// No meaning: PHP reads no further.
    None,
}

/// Finds the last `name`, unless there is a `filename`. The case of the parameters does not matter.
pub(super) fn name(disposition: &[u8]) -> Name {
    let (mut name, mut file) = (None, false);
    let mut rest = without_blanks(disposition);
    while !rest.is_empty() {
        let (pair, after) = word(rest, b';');
        rest = without_blanks(after);
        if !pair.contains(&b'=') {
            continue;
        }
        let (key, given) = word(pair, b'=');
        if key.eq_ignore_ascii_case(b"name") {
            name = Some(value(given));
        } else if key.eq_ignore_ascii_case(b"filename") {
            file = true;
        }
    }
    match name {
        _ if file => Name::File,
        Some(name) => Name::Field(name),
        None => Name::None,
    }
}

/// Finds the boundary of a form: the text after the first `=` that follows the word, even inside
/// another parameter. It ends at a comma or a semicolon, or stands in double quotes.
pub(super) fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    const WORD: &[u8] = b"boundary";
    let mut places = content_type.windows(WORD.len());
    let at = places.position(|place| place == WORD).or_else(|| {
        content_type.windows(WORD.len()).position(|place| place.eq_ignore_ascii_case(WORD))
    })?;
    let rest = content_type.get(at..)?;
    let equals = rest.iter().position(|&byte| byte == b'=')?;
    let rest = rest.get(equals + 1..)?;
    let boundary = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.get(..quoted.iter().position(|&byte| byte == b'"')?)?,
        None => rest.split(|byte| b",;".contains(byte)).next()?,
    };
    Some(boundary.to_vec())
}

/// Splits at the first `stop` outside quotes. The second part begins after a run of `stop`.
fn word(text: &[u8], stop: u8) -> (&[u8], &[u8]) {
    let (mut quote, mut protected) = (None, false);
    let end =
        text.iter().zip(text.iter().skip(1).map(Some).chain([None])).position(|(&byte, next)| {
            match quote {
                _ if std::mem::take(&mut protected) => {}
                Some(open) if byte == b'\\' && next == Some(&open) => protected = true,
                Some(open) if byte == open => quote = None,
                None if byte == stop => return true,
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                Some(_) | None => {}
            }
            false
        });
    let (before, rest) = text.split_at(end.unwrap_or(text.len()));
    let stops = rest.iter().take_while(|&&byte| byte == stop).count();
    (before, rest.get(stops..).unwrap_or_default())
}

/// Reads a value: without its quotes, or up to a blank. A backslash protects a backslash or a quote
/// of the same kind. Any other backslash stands for itself, as old browsers send file names.
fn value(text: &[u8]) -> Vec<u8> {
    let text = without_blanks(text);
    let (quote, mut rest) = match text {
        [quote @ (b'"' | b'\''), quoted @ ..] => (Some(*quote), quoted),
        _ => (None, text.split(|&byte| is_blank(byte)).next().unwrap_or_default()),
    };
    let mut value = Vec::new();
    loop {
        match rest {
            [b'\\', byte, after @ ..] if *byte == b'\\' || Some(*byte) == quote => {
                value.push(*byte);
                rest = after;
            }
            [byte, after @ ..] if Some(*byte) != quote => {
                value.push(*byte);
                rest = after;
            }
            _ => return value,
        }
    }
}

fn without_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// Is the byte white space in C?
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
}
