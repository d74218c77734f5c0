//! The path that goes to the site: the one that was judged.
//!
//! What web servers read alike passes byte for byte. Dot segments and encoded slashes are resolved
//! here, the way they were judged: the site's web server cannot come to another place.

use std::borrow::Cow;

use crate::php::query::percent_decode;

/// The path to send; `None` for what is no path (`*`). What climbs above the root or holds a NUL
/// has been refused before.
pub(super) fn to_send(path: &str) -> Option<Cow<'_, str>> {
    if !path.starts_with('/') {
        return None;
    }
    let segments = segments(path);
    let is_plain = segments.len() == path.split('/').count()
        && !segments.iter().any(|segment| is_dots(segment));
    if is_plain {
        return Some(Cow::Borrowed(path));
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in &segments {
        match decoded(segment).as_slice() {
            b"" | b"." => {}
            b".." => {
                kept.pop()?;
            }
            _ => kept.push(segment),
        }
    }
    let mut resolved = String::with_capacity(path.len());
    for segment in &kept {
        resolved.push('/');
        resolved.push_str(segment);
    }
    let is_folder = segments.last().is_some_and(|last| last.is_empty());
    if kept.is_empty() || is_folder {
        resolved.push('/');
    }
    Some(Cow::Owned(resolved))
}

/// Cut at `/` and at its encoded forms, each piece as it was written.
fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut rest = path;
    loop {
        let plain = rest.find('/').map(|at| (at, 1));
        let encoded = [rest.find("%2f"), rest.find("%2F")];
        let cuts = encoded.into_iter().flatten().map(|at| (at, 3)).chain(plain);
        let Some((at, length)) = cuts.min() else { break };
        segments.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + length..).unwrap_or_default();
    }
    segments.push(rest);
    segments
}

fn is_dots(segment: &str) -> bool {
    matches!(decoded(segment).as_slice(), b"." | b"..")
}

fn decoded(segment: &str) -> Vec<u8> {
    percent_decode(segment.as_bytes(), false)
}
