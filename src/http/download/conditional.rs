//! Conditional requests: may the client keep its copy, or has the file changed since?
//!
//! Called by `http::download` for GET and HEAD. It compares headers with the [`Validators`] of the
//! file. RFC 9110 section 13, in the order of 13.2.2. Must not import: `packages`, `reply`.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap,
    header::{
        HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    },
};

/// The values that a client compares its copy with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// The strong entity tag without its quotes.
    entity_tag: String,
    /// The last modification, whole seconds since 1970.
    modified: u64,
    /// The time of the request, whole seconds since 1970.
    now: u64,
}

/// The last second HTTP can write, 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

impl Validators {
    /// `entity_tag` is the opaque text between the quotes. A modification time in the future
    /// becomes `now` (RFC 9110 section 8.8.2.1), one before 1970 becomes 1970.
    #[must_use]
    pub fn new(entity_tag: &str, modified: SystemTime, now: SystemTime) -> Self {
        let now = seconds(now);
        Self { entity_tag: entity_tag.to_owned(), modified: seconds(modified).min(now), now }
    }

    /// Makes the value of `ETag`.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.entity_tag)
    }

    /// Makes the value of `Last-Modified`.
    #[must_use]
    pub fn last_modified(&self) -> String {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(self.modified))
    }
}

/// The result of a request's conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionResult {
    /// Answer as if there were no condition.
    Proceed,
    /// 304: the client's copy is still good.
    NotModified,
    /// 412: the client means another version of the file.
    Failed,
}

/// Judges `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`.
///
/// Dates that are not valid or come twice are ignored. Entity tags that are not valid match no
/// file.
#[must_use]
pub fn judge(headers: &HeaderMap, file: &Validators) -> ConditionResult {
    if headers.contains_key(IF_MATCH) {
        if !any_tag(headers, IF_MATCH, |tag| tag.matches_strongly(file)) {
            return ConditionResult::Failed;
        }
    } else if date(headers, IF_UNMODIFIED_SINCE).is_some_and(|date| file.modified > date) {
        return ConditionResult::Failed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if any_tag(headers, IF_NONE_MATCH, |tag| tag.matches_weakly(file)) {
            return ConditionResult::NotModified;
        }
    } else if date(headers, IF_MODIFIED_SINCE).is_some_and(|date| file.modified <= date) {
        return ConditionResult::NotModified;
    }
    ConditionResult::Proceed
}

/// Does `If-Range` let `Range` count? It does if it is absent, or names exactly this file.
///
/// A date names a file only if it is the exact modification time and that second is over: within
/// that second the file may be written again, with the same date.
#[must_use]
pub fn range_applies(headers: &HeaderMap, file: &Validators) -> bool {
    let mut values = headers.get_all(IF_RANGE).iter();
    let Some(value) = values.next() else {
        return true;
    };
    if values.next().is_some() {
        return false;
    }
    if let Some((tag, rest)) = next_tag(value.as_bytes()) {
        return rest.is_empty() && tag.matches_strongly(file);
    }
    let exact = date(headers, IF_RANGE).is_some_and(|date| date == file.modified);
    exact && file.modified < file.now
}

/// An entity tag.
struct Tag<'a> {
    opaque: &'a [u8],
    weak: bool,
}

impl Tag<'_> {
    fn matches_strongly(&self, file: &Validators) -> bool {
        !self.weak && self.matches_weakly(file)
    }

    fn matches_weakly(&self, file: &Validators) -> bool {
        self.opaque == file.entity_tag.as_bytes()
    }
}

/// Is the header `*`, or does one of its tags fit? Each line is read up to a part that is not
/// valid.
fn any_tag(headers: &HeaderMap, name: HeaderName, fits: impl Fn(&Tag<'_>) -> bool) -> bool {
    headers.get_all(name).iter().any(|value| {
        let mut rest = value.as_bytes().trim_ascii();
        if rest == b"*" {
            return true;
        }
        loop {
            rest = after_separators(rest);
            let Some((tag, after)) = next_tag(rest) else {
                return false;
            };
            if !matches!(after.trim_ascii_start(), [] | [b',', ..]) {
                return false;
            }
            if fits(&tag) {
                return true;
            }
            rest = after;
        }
    })
}

fn after_separators(mut list: &[u8]) -> &[u8] {
    while let [b',' | b' ' | b'\t', rest @ ..] = list {
        list = rest;
    }
    list
}

/// Splits a text into the tag at its start and the rest.
fn next_tag(text: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let (weak, quoted) = match text {
        [b'W', b'/', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let inner = quoted.strip_prefix(b"\"")?;
    let end = inner.iter().position(|byte| *byte == b'"')?;
    let (opaque, rest) = inner.split_at_checked(end)?;
    if !opaque.iter().all(|byte| matches!(byte, 0x21..=0x7e | 0x80..)) {
        return None;
    }
    Some((Tag { opaque, weak }, rest.strip_prefix(b"\"")?))
}

/// Reads the date of a header that comes exactly once, in seconds since 1970.
fn date(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let date = httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()?;
    Some(seconds(date))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()).min(LAST_SECOND)
}
