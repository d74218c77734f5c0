//! The `Range` header: which bytes of a package to send.
//!
//! Called by `http::download` for GET requests. It judges a header against a length. RFC 9110
//! section 14, with the choices named at [`Selection`]. Must not import: `packages`, `reply`.

use std::ops::Range;

use http::{HeaderMap, header::RANGE};

/// The part of a file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The whole file: no `Range`, one that is malformed or of another unit (RFC 9110 lets a
    /// server ignore these), several ranges (a server may answer the whole file), or the last
    /// bytes of an empty file, for which no `Content-Range` can be written.
    Whole,
    /// These bytes, never empty, never beyond the file.
    Part(Range<u64>),
    /// The range lies beyond the file.
    Unsatisfiable,
}

/// Reads `Range` against a file of `len` bytes. Ends beyond the file are clamped to it.
#[must_use]
pub fn select(headers: &HeaderMap, len: u64) -> Selection {
    let mut values = headers.get_all(RANGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Selection::Whole;
    };
    let Some(asked) = value.to_str().ok().and_then(only_range) else {
        return Selection::Whole;
    };
    match asked {
        AskedRange::From { first, last: _ } if first >= len => Selection::Unsatisfiable,
        AskedRange::From { first, last } => {
            let end = last.map_or(len, |last| last.saturating_add(1).min(len));
            Selection::Part(first..end)
        }
        AskedRange::Last(0) => Selection::Unsatisfiable,
        AskedRange::Last(_) if len == 0 => Selection::Whole,
        AskedRange::Last(count) => Selection::Part(len.saturating_sub(count)..len),
    }
}

enum AskedRange {
    /// `first-last` or `first-`; `last` is not before `first`.
    From { first: u64, last: Option<u64> },
    /// `-count`
    Last(u64),
}

/// Reads the range of a `bytes=` header that names exactly one.
fn only_range(value: &str) -> Option<AskedRange> {
    let (unit, ranges) = value.split_once('=')?;
    if !unit.trim_matches(blank).eq_ignore_ascii_case("bytes") {
        return None;
    }
    // Lists may hold empty elements (RFC 9110 section 5.6.1).
    let mut ranges =
        ranges.split(',').map(|range| range.trim_matches(blank)).filter(|range| !range.is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return None;
    };
    match range.split_once('-')? {
        ("", count) => Some(AskedRange::Last(position(count)?)),
        (first, "") => Some(AskedRange::From { first: position(first)?, last: None }),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(AskedRange::From { first, last: Some(last) })
        }
    }
}

fn blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// Reads a number of digits only. A number that is too large becomes the largest, which is beyond
/// every file, too.
fn position(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}
