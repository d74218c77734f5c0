//! Form bodies: the same fields however the bytes arrive, no more of them than are kept, and of a
//! multipart form those of a slow reading of the whole.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use jbackend_bridge::http::body::{Bodies, Memory};
use php_compat::query::{Fields, Value};
use tokio::runtime::{Builder, Runtime};

/// Bytes of names and values that are kept.
const KEPT: usize = 64 * 1024;
/// The longest `Content-Disposition` of a part.
const LONGEST_HEAD: usize = 16 * 1024;

/// Reads a body: a byte that names the kind, a byte that names the size of its pieces, the text.
pub fn holds(data: &[u8]) {
    let [kind, size, body @ ..] = data else { return };
    let kind = match kind % 3 {
        0 => "application/x-www-form-urlencoded",
        1 => "multipart/form-data; boundary=xyz",
        _ => "application/json",
    };
    let whole = listed(&read(kind, [body].into_iter()));
    let pieces = listed(&read(kind, body.chunks(usize::from(*size).max(1))));
    assert_eq!(whole, pieces, "in pieces of {size}");
    let kept: usize =
        whole.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
    assert!(kept <= KEPT, "{kept} bytes are kept");
    if kind.starts_with("multipart") {
        assert_eq!(whole, listed(&slowly(body)), "a multipart form");
    }
}

thread_local! {
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_time().build().expect("a runtime"));
}

fn read<'a>(kind: &'static str, pieces: impl Iterator<Item = &'a [u8]>) -> Fields {
    let bodies = Bodies { memory: Memory::default(), silence: Duration::from_mins(1), json: true };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let pieces: Vec<_> =
        pieces.map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
    let read = bodies.fields(&Method::POST, &headers, None, stream::iter(pieces));
    RUNTIME.with_borrow(|runtime| runtime.block_on(read)).expect("a body of a few bytes").fields
}

type Listed = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn listed(fields: &Fields) -> Listed {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Array => None,
    };
    fields.iter().map(|(name, value)| (name.to_vec(), text(value))).collect()
}

/// Reads the whole at once, as PHP does.
fn slowly(body: &[u8]) -> Fields {
    let mut fields = Fields::default();
    let mut room = KEPT;
    let mut rest = body;
    loop {
        loop {
            match line(&mut rest) {
                None => return fields,
                Some(b"--xyz") => break,
                Some(_) => {}
            }
        }
        // The value of each header, by its name.
        let mut head: Vec<(&[u8], Vec<u8>)> = Vec::new();
        while let Some(line) = line(&mut rest).filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|&byte| byte == b':');
            match colon.filter(|_| !is_blank(line[0])) {
                Some(colon) => head.push((&line[..colon], line[colon + 1..].to_vec())),
                None => {
                    if let Some((_, value)) = head.last_mut() {
                        value.extend(line);
                    }
                }
            }
            let is_long = |(name, value): &(&[u8], Vec<u8>)| {
                name.eq_ignore_ascii_case(b"content-disposition") && value.len() > LONGEST_HEAD
            };
            let first =
                head.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-disposition"));
            if first.is_some_and(is_long) {
                return fields;
            }
        }
        let is_disposition =
            |(name, _): &&(&[u8], Vec<u8>)| name.eq_ignore_ascii_case(b"content-disposition");
        let Some((_, disposition)) = head.iter().find(is_disposition) else { continue };
        let parameters = parameters(disposition);
        let last = |wanted: &str| {
            let is = |(name, _): &&(Vec<u8>, Vec<u8>)| name.eq_ignore_ascii_case(wanted.as_bytes());
            parameters.iter().rev().find(is).map(|(_, value)| value.clone())
        };
        let (name, file) = (last("name"), last("filename"));
        if name.is_none() && file.is_none() {
            return fields;
        }
        let delimiter = b"\n--xyz";
        let end = (0..rest.len())
            .find(|&at| rest[at..].starts_with(delimiter) || delimiter.starts_with(&rest[at..]));
        let value = match end {
            Some(end) => rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]),
            None => rest,
        };
        rest = &rest[end.unwrap_or(rest.len())..];
        let Some(name) = name.filter(|_| file.is_none()) else { continue };
        if name.len() + value.len() <= room {
            room -= name.len() + value.len();
            fields.insert(&name, value.to_vec());
        } else {
            room = 0;
        }
    }
}

/// The next line up to its first NUL; 5 KiB without an end are one too.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    const LONGEST: usize = 5 * 1024;
    let buffer = &rest[..rest.len().min(LONGEST)];
    let line = if let Some(end) = buffer.iter().position(|&byte| byte == b'\n') {
        *rest = &rest[end + 1..];
        buffer[..end].strip_suffix(b"\r").unwrap_or(&buffer[..end])
    } else if buffer.len() == LONGEST {
        *rest = &rest[LONGEST..];
        buffer
    } else {
        return None;
    };
    line.split(|&byte| byte == 0).next()
}

fn is_blank(byte: u8) -> bool {
    b" \t\n\x0b\x0c\r".contains(&byte)
}

/// Names and values, in the order they stand there.
fn parameters(header: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    for pair in cut(header, b';') {
        let start = pair.iter().position(|&byte| !is_blank(byte)).unwrap_or(pair.len());
        let pair = &pair[start..];
        if !pair.contains(&b'=') {
            continue;
        }
        let name = cut(pair, b'=').swap_remove(0);
        let mut value = &pair[name.len()..];
        while value.first() == Some(&b'=') {
            value = &value[1..];
        }
        while value.first().is_some_and(|&byte| is_blank(byte)) {
            value = &value[1..];
        }
        let quote = value.first().copied().filter(|byte| b"\"'".contains(byte));
        let mut at = usize::from(quote.is_some());
        let mut text = Vec::new();
        while at < value.len() {
            let byte = value[at];
            if if quote.is_some() { Some(byte) == quote } else { is_blank(byte) } {
                break;
            }
            let next = value.get(at + 1).copied();
            let next = next.filter(|&next| quote.is_some() || !is_blank(next));
            if byte == b'\\' && next.is_some_and(|next| next == b'\\' || Some(next) == quote) {
                at += 1;
            }
            text.push(value[at]);
            at += 1;
        }
        found.push((name, text));
    }
    found
}

/// Returns the text between such bytes outside quotes.
fn cut(text: &[u8], stop: u8) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut quote = None;
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        if quote.is_none() && byte == stop {
            pieces.push(Vec::new());
            continue;
        }
        let last = pieces.len() - 1;
        pieces[last].push(byte);
        match quote {
            Some(open) if byte == b'\\' && text.get(at) == Some(&open) => {
                pieces[last].push(open);
                at += 1;
            }
            Some(open) if byte == open => quote = None,
            None if b"\"'".contains(&byte) => quote = Some(byte),
            _ => {}
        }
    }
    pieces
}
