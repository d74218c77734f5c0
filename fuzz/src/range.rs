//! The headers `Range` and `If-Range`: the sent part lies in the file and is the requested one.

use std::time::{Duration, SystemTime};

use http::header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue};
use jbackend_bridge::http::download::conditional::{
    ConditionResult, Validators, judge, range_applies,
};
use jbackend_bridge::http::download::range::{Selection, select};

/// Reads a length (eight bytes), a `Range`, and an entity tag list.
pub fn holds(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk() else { return };
    let length = u64::from_be_bytes(*length);
    let mut parts = super::parts(rest);
    let range = super::part(&mut parts);
    if let Ok(value) = HeaderValue::from_bytes(range) {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, value.clone());
        assert_eq!(select(&headers, length), slowly(range, length), "a range");
        headers.append(RANGE, value);
        assert_eq!(select(&headers, length), Selection::Whole, "two headers are none");
    }
    tags_hold(super::part(&mut parts));
}

/// Numbers too long for a place in a file are beyond every file, and one is as good as another.
fn number(digits: &str) -> Option<u128> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u128::MAX).min(u128::from(u64::MAX)))
}

fn slowly(value: &[u8], length: u64) -> Selection {
    let blank = |c: char| c == ' ' || c == '\t';
    let text = std::str::from_utf8(value)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)));
    let Some((unit, asked)) = text.and_then(|text| text.split_once('=')) else {
        return Selection::Whole;
    };
    let ranges: Vec<&str> = asked.split(',').map(|range| range.trim_matches(blank)).collect();
    let ranges: Vec<&str> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
    let is_bytes = unit.trim_matches(blank).eq_ignore_ascii_case("bytes");
    let ([range], true) = (ranges.as_slice(), is_bytes) else { return Selection::Whole };
    let Some((first, last)) = range.split_once('-') else { return Selection::Whole };
    let len = u128::from(length);
    let (from, to) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, (last.saturating_add(1)).min(len)),
        (Some(first), None) if last.is_empty() => (first, len),
        (None, Some(0)) if first.is_empty() => return Selection::Unsatisfiable,
        (None, Some(_)) if first.is_empty() && len == 0 => return Selection::Whole,
        (None, Some(count)) if first.is_empty() => (len.saturating_sub(count), len),
        _ => return Selection::Whole,
    };
    if from >= len {
        return Selection::Unsatisfiable;
    }
    let place = |at: u128| u64::try_from(at).unwrap_or(u64::MAX);
    Selection::Part(place(from)..place(to))
}

/// A list that names the file matches wherever the tag stands in it, and no other list does.
fn tags_hold(list: &[u8]) {
    let second = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = Validators::new("tag", second, second + Duration::from_mins(1));
    let with = |name: HeaderName, value: &[u8]| {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
        headers
    };
    let names_it = list.windows(5).any(|five| five == b"\"tag\"") || list.contains(&b'*');
    if !names_it && HeaderValue::from_bytes(list).is_ok() {
        let verdict = judge(&with(IF_NONE_MATCH, list), &file);
        assert_eq!(verdict, ConditionResult::Proceed, "no copy of this file");
        let verdict = judge(&with(IF_MATCH, list), &file);
        assert_eq!(verdict, ConditionResult::Failed, "not the file that is meant");
        let date = std::str::from_utf8(list)
            .is_ok_and(|text| text.contains("GMT") || text.contains("200"));
        if !date {
            assert!(!range_applies(&with(IF_RANGE, list), &file), "a part of another file");
        }
    }
    let with_it = [b"\"tag\", ".as_slice(), list].concat();
    if HeaderValue::from_bytes(&with_it).is_ok() {
        let verdict = judge(&with(IF_NONE_MATCH, &with_it), &file);
        assert_eq!(verdict, ConditionResult::NotModified, "a copy of this file");
    }
}
