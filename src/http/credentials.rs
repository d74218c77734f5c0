//! Reads a visitor's credentials from the headers: the session cookie, and the API key of jBackend
//! 3.
//!
//! Called by `front`. Must not import: `jbackend`, `store`, `site`.

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

/// Reads the key of `Authorization: api_key <KEY>`, with the scheme in any case.
pub(super) fn header_key(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, key) = value.split_at_checked(b"api_key ".len())?;
    scheme.eq_ignore_ascii_case(b"api_key ").then(|| key.trim_ascii())
}

/// Finds the value of a cookie. The first one of a name counts, as in PHP.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .find_map(|pair| {
            let split = pair.iter().position(|&byte| byte == b'=')?;
            let (found, value) = pair.split_at(split);
            (found.trim_ascii() == name.as_bytes())
                .then(|| value.get(1..).unwrap_or_default().trim_ascii())
        })
}
