//! The path that goes to the site: the one that was judged.
//!
//! A path that all web servers read alike passes byte for byte. Dot segments and encoded slashes
//! are resolved here as they were judged, so that the site's web server cannot reach another place.

use std::borrow::Cow;

/// Makes the path to send; `None` if it is not a path (`*`). A path that climbs above the root or
/// holds a NUL has been refused before.
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

/// Cuts a path at `/` and its encoded forms. Each piece stays as it was written.
fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let (mut from, mut at) = (0, 0);
    // Look at each byte once. A new search for each form after each cut would go through the rest
    // of the path as often as there are slashes.
    while let Some(rest) = path.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        work(1);
        let length = match rest {
            [b'/', ..] => 1,
            [b'%', b'2', b'f' | b'F', ..] => 3,
            _ => 0,
        };
        if length > 0 {
            segments.push(path.get(from..at).unwrap_or_default());
            from = at + length;
        }
        at += length.max(1);
    }
    segments.push(path.get(from..).unwrap_or_default());
    segments
}

fn is_dots(segment: &str) -> bool {
    matches!(decoded(segment).as_slice(), b"." | b"..")
}

fn decoded(segment: &str) -> Vec<u8> {
    percent_decode(segment.as_bytes(), false)
}

use php_compat::query::percent_decode;
#[cfg(test)]
use tests::work;

/// Takes the number of bytes that are looked at; only a test counts them.
#[cfg(not(test))]
const fn work(_: usize) {}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static WORK: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn work(bytes: usize) {
        WORK.set(WORK.get() + bytes);
    }

    #[test]
    fn segments_are_what_stands_between_slashes_of_each_form() {
        for (path, expected) in [
            ("/", vec!["", ""]),
            ("/a%2fb%2Fc/", vec!["", "a", "b", "c", ""]),
            ("/%2", vec!["", "%2"]),
            ("/%2%2f%252f", vec!["", "%2", "%252f"]),
            ("/\u{e4}%2f\u{e4}", vec!["", "\u{e4}", "\u{e4}"]),
        ] {
            assert_eq!(segments(path), expected, "{path}");
        }
    }

    #[test]
    fn the_work_for_a_path_grows_with_its_length_alone() {
        for piece in ["/", "/a%2f", "%2f", "%2F/", "a", "/../a", "%", "/%2"] {
            let work_for = |count: usize| {
                WORK.set(0);
                let path = format!("/{}", piece.repeat(count));
                let _ = to_send(&path);
                (WORK.get(), path.len())
            };
            for (work, length) in [work_for(1000), work_for(2000), work_for(10_000)] {
                assert!((1..=length).contains(&work), "{work} for {length} bytes of {piece}");
            }
        }
    }
}
