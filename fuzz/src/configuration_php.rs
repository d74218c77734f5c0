//! `configuration.php`: read or refused with a line, the values written there come out, and no
//! message shows one.

use std::path::Path;

use joomla_config::{ClassError, FieldError, JConfig};

use super::SECRET;

/// Reads any source, and one made of the same bytes as a value.
pub fn holds(data: &[u8]) {
    let folder = Path::new("/srv/joomla");
    let lines = data.iter().filter(|&&byte| byte == b'\n' || byte == b'\r').count() + 1;
    match JConfig::parse(data, folder) {
        Err(error) => assert!(line_of(&error).is_none_or(|line| (1..=lines).contains(&line))),
        Ok(file) => {
            let names: Vec<String> = file.names().map(str::to_owned).collect();
            for name in &names {
                assert!(file.line(name).is_some_and(|line| (1..=lines).contains(&line)), "a line");
                let _ = (file.text(name), file.int(name), file.flag(name));
                if let Err(error) = file.get(name) {
                    assert!(line_of_value(&error).is_some_and(|line| (1..=lines).contains(&line)));
                }
            }
        }
    }
    comes_out_again(data, folder);
    hides_a_password(data, folder);
}

/// As Joomla writes values: in single quotes.
fn comes_out_again(value: &[u8], folder: &Path) {
    let mut escaped = Vec::new();
    for &byte in value {
        if byte == b'\\' || byte == b'\'' {
            escaped.push(b'\\');
        }
        escaped.push(byte);
    }
    let source =
        [b"<?php\nclass JConfig {\n\tpublic $a = '".as_slice(), &escaped, b"';\n}\n"].concat();
    let file = JConfig::parse(&source, folder).expect("Joomla's own form");
    match std::str::from_utf8(value) {
        Ok(text) => assert_eq!(file.text("a").ok().flatten().as_deref(), Some(text), "the value"),
        Err(_) => assert!(file.text("a").is_err(), "no UTF-8"),
    }
}

/// Whatever stands behind it: a value is not shown.
fn hides_a_password(rest: &[u8], folder: &Path) {
    let start = format!("<?php class JConfig {{ public $password = '{SECRET}';");
    let source = [start.as_bytes(), rest].concat();
    match JConfig::parse(&source, folder) {
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
        }
        Ok(file) => {
            let bytes = format!("{:?}", SECRET.as_bytes());
            let bytes = bytes.trim_matches(['[', ']']);
            let shown = format!("{file:?}");
            assert!(!shown.contains(SECRET) && !shown.contains(bytes), "Debug");
            for name in file.names() {
                for error in [file.text(name).err(), file.int(name).err()].into_iter().flatten() {
                    assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
                }
            }
        }
    }
}

/// The line of a class that is not understood.
fn line_of(error: &ClassError) -> Option<usize> {
    match error {
        ClassError::Syntax { line, .. } | ClassError::Dynamic { line, .. } => Some(*line),
        _ => None,
    }
}

/// The line of a value that only PHP can tell.
fn line_of_value(error: &FieldError) -> Option<usize> {
    match error {
        FieldError::NotLiteral { line, .. } => Some(*line),
        _ => None,
    }
}
