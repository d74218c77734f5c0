//! The headers of a package download.
//!
//! Called by `http::download`. It turns names and validators into header values, by the rules of
//! `docs/release.md`, "Download". Must not import: `packages`.

use std::{fmt::Write, ops::Range};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
        CONTENT_TYPE, ETAG, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    },
};

use super::conditional::Validators;

/// Adds the headers that all answers about an existing file have, 304 included.
pub fn describe_version(headers: &mut HeaderMap, validators: &Validators) {
    put(headers, ETAG, &validators.etag());
    put(headers, LAST_MODIFIED, &validators.last_modified());
    describe_use(headers);
    accept_ranges(headers);
}

/// Adds `Cache-Control`.
///
/// `private`: the next client of a shared cache may have no key. `no-cache`: a new release appears
/// under the old URL, so a copy must be revalidated before use. `no-transform`: Joomla cannot open
/// a package that a proxy has compressed.
pub fn describe_use(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache, no-transform"));
}

/// Adds the headers of an answer with the file or a part of it; `length` is the number of bytes
/// sent.
pub fn describe_content(headers: &mut HeaderMap, file_name: &str, length: u64) {
    describe_kind(headers, file_name);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
}

/// Adds the type and name of the content.
pub fn describe_kind(headers: &mut HeaderMap, file_name: &str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    put(headers, CONTENT_DISPOSITION, &attachment(file_name));
}

/// Adds the place of a part within a file of `len` bytes. `part` is not empty.
pub fn describe_part(headers: &mut HeaderMap, part: &Range<u64>, len: u64) {
    let last = part.end.saturating_sub(1);
    put(headers, CONTENT_RANGE, &format!("bytes {}-{last}/{len}", part.start));
}

/// Adds the file's length, with which a client can correct a range beyond the file.
pub fn describe_length(headers: &mut HeaderMap, len: u64) {
    put(headers, CONTENT_RANGE, &format!("bytes */{len}"));
    accept_ranges(headers);
}

/// Makes the value of `Content-Disposition` for a file of this name.
///
/// Joomla's updater looks for `filename=`, cuts at the first `;`, trims double quotes and reads the
/// kind of archive from the extension. So `filename="…"` comes first, in plain ASCII, with `_` for
/// every character that has a meaning there. If that changes the name, the full one follows as
/// `filename*` (RFC 6266), which browsers prefer.
#[must_use]
pub fn attachment(file_name: &str) -> String {
    let plain: String = file_name.chars().map(plain).collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != file_name {
        value.push_str("; filename*=UTF-8''");
        for byte in file_name.bytes() {
            if is_attribute_char(byte) {
                value.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

fn plain(c: char) -> char {
    match c {
        ';' | '"' | '\\' => '_',
        ' '..='~' => c,
        _ => '_',
    }
}

/// Is the byte an `attr-char` of RFC 8187?
fn is_attribute_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte)
}

fn accept_ranges(headers: &mut HeaderMap) {
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
}

/// Sets a header. Its text is made here, in ASCII without control characters, which every header
/// may hold.
fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
