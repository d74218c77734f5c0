//! Form bodies: the same fields however the bytes arrive, no more of them than are kept, and of a
//! multipart form those of a slow reading of the whole.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use jbackend_bridge::php::query::{Fields, Value};
use jbackend_bridge::web::body::{Bodies, Memory};
use tokio::runtime::{Builder, Runtime};
use warp::http::header::CONTENT_TYPE;
use warp::http::{HeaderMap, HeaderValue, Method};

/// Bytes of names and values that are kept.
const KEPT: usize = 64 * 1024;
/// The longest head of a part.
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

/// Reads the whole at once.
fn slowly(body: &[u8]) -> Fields {
    let text = [b"\r\n", body].concat();
    let delimiter = b"\r\n--xyz";
    let mut fields = Fields::default();
    let mut room = KEPT;
    let mut rest = text.as_slice();
    while let Some(at) = find(rest, delimiter) {
        rest = &rest[at + delimiter.len()..];
        if rest.len() < 2 || rest.starts_with(b"--") {
            break;
        }
        let blanks = rest.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        match rest.get(blanks) {
            Some(b'\r') | None => {}
            Some(_) => continue,
        }
        let Some(end) = find(rest, b"\r\n\r\n").filter(|&end| end <= LONGEST_HEAD) else { break };
        let head = &rest[..end];
        rest = &rest[end + 4..];
        // A field counts once its end is there.
        let (Some(name), Some(end)) = (field(head), find(rest, delimiter)) else { continue };
        let value = &rest[..end];
        if name.len() + value.len() <= room {
            room -= name.len() + value.len();
            fields.insert(&name, value.to_vec());
        } else {
            room = 0;
        }
    }
    fields
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The name of a part that is a field and no file.
fn field(head: &[u8]) -> Option<Vec<u8>> {
    let lines = head.split(|&byte| byte == b'\n');
    let disposition = lines.filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let name = line[..colon].trim_ascii();
        let value = line.get(colon + 1..).unwrap_or_default();
        name.eq_ignore_ascii_case(b"content-disposition").then(|| value.trim_ascii())
    });
    let parameters = parameters(disposition.into_iter().next()?);
    let first =
        |wanted: &[u8]| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    if first(b"filename").is_some() { None } else { first(b"name").map(|(_, value)| value.clone()) }
}

/// What follows the first `;`, letter by letter.
fn parameters(header: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let Some(start) = header.iter().position(|&byte| byte == b';') else { return found };
    let mut at = start + 1;
    while at < header.len() {
        let mut name = Vec::new();
        while at < header.len() && header[at] != b';' && header[at] != b'=' {
            name.push(header[at]);
            at += 1;
        }
        let mut value = Vec::new();
        if header.get(at) == Some(&b'=') {
            at += 1;
            while at < header.len() && header[at].is_ascii_whitespace() {
                at += 1;
            }
            if header.get(at) == Some(&b'"') {
                at += 1;
                while at < header.len() && header[at] != b'"' {
                    let protects = header[at] == b'\\'
                        && header.get(at + 1).is_some_and(|next| b"\"\\".contains(next));
                    at += usize::from(protects);
                    value.push(header[at]);
                    at += 1;
                }
                while at < header.len() && header[at] != b';' {
                    at += 1;
                }
            } else {
                while at < header.len() && header[at] != b';' {
                    value.push(header[at]);
                    at += 1;
                }
                value = value.trim_ascii_end().to_vec();
            }
        }
        found.push((name.trim_ascii().to_vec(), value));
        at += 1;
    }
    found
}
