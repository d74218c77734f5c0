//! Headers from hostile clients, and names from careless operators.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use jbackend_bridge::http::download::{
    conditional::{ConditionResult, Validators, judge, range_applies},
    headers::attachment,
    range::{Selection, select},
};
use proptest::prelude::*;

#[test]
fn attachments() {
    for (name, value) in [
        ("a b-1.0.ZIP", "attachment; filename=\"a b-1.0.ZIP\""),
        ("\u{fc}ber.zip", "attachment; filename=\"_ber.zip\"; filename*=UTF-8''%C3%BCber.zip"),
        (
            "a\"b\\c;d\r\ne'f*.zip",
            "attachment; filename=\"a_b_c_d__e'f*.zip\"; filename*=UTF-8''a%22b%5Cc%3Bd%0D%0Ae%27f%2A.zip",
        ),
        ("\u{7f}", "attachment; filename=\"_\"; filename*=UTF-8''%7F"),
    ] {
        assert_eq!(attachment(name), value);
    }
}

/// Reads the name as Joomla's updater does.
fn name_for_joomla(value: &str) -> &str {
    let name = value.split_once("filename=").unwrap().1;
    name.split(';').next().unwrap().trim_matches('"')
}

fn headers(fields: &[(HeaderName, Vec<u8>)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            map.append(name, value);
        }
    }
    map
}

fn range_headers(value: &str) -> HeaderMap {
    headers(&[(http::header::RANGE, value.as_bytes().to_vec())])
}

fn condition() -> impl Strategy<Value = (HeaderName, Vec<u8>)> {
    let names = prop::sample::select(vec![
        http::header::IF_MATCH,
        http::header::IF_NONE_MATCH,
        http::header::IF_MODIFIED_SINCE,
        http::header::IF_UNMODIFIED_SINCE,
        http::header::IF_RANGE,
    ]);
    let values = prop_oneof![
        any::<Vec<u8>>(),
        "[W/\"*, at]{0,10}".prop_map(String::into_bytes),
        any::<u32>().prop_map(|seconds| {
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into());
            httpdate::fmt_http_date(date).into_bytes()
        }),
    ];
    (names, values)
}

proptest! {
    #[test]
    fn a_part_lies_within_the_file(
        value in prop_oneof![any::<String>(), "bytes=[0-9, -]{0,24}"],
        len in prop_oneof![0u64..100, any::<u64>()],
    ) {
        match select(&range_headers(&value), len) {
            Selection::Part(part) => prop_assert!(part.start < part.end && part.end <= len),
            Selection::Unsatisfiable => prop_assert!(value.to_lowercase().contains("bytes")),
            Selection::Whole => {}
        }
    }

    #[test]
    fn a_range_is_what_was_asked_for(first in 0u64..50, more in 0u64..50, len in 0u64..60) {
        let last = first + more;
        let asked = select(&range_headers(&format!("bytes={first}-{last}")), len);
        let bytes: Vec<u64> = (0..len).filter(|at| (first..=last).contains(at)).collect();
        let open = select(&range_headers(&format!("bytes={first}-")), len);
        let tail = select(&range_headers(&format!("bytes=-{first}")), len);
        if let (Some(from), Some(to)) = (bytes.first(), bytes.last()) {
            prop_assert_eq!(asked, Selection::Part(*from..to + 1));
            prop_assert_eq!(open, Selection::Part(first..len));
        } else {
            prop_assert_eq!(asked, Selection::Unsatisfiable);
            prop_assert_eq!(open, Selection::Unsatisfiable);
        }
        match (first, len) {
            (0, _) => prop_assert_eq!(tail, Selection::Unsatisfiable),
            (_, 0) => prop_assert_eq!(tail, Selection::Whole),
            _ => prop_assert_eq!(tail, Selection::Part(len.saturating_sub(first)..len)),
        }
    }

    #[test]
    fn any_condition_is_judged(
        fields in prop::collection::vec(condition(), 0..4),
        modified in any::<i64>(),
        now in any::<u32>(),
    ) {
        let epoch = SystemTime::UNIX_EPOCH;
        let distance = Duration::from_secs(modified.unsigned_abs());
        let modified = if modified < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
        let now = epoch + Duration::from_secs(now.into());
        let file = Validators::new("tag", modified.unwrap_or(epoch), now);
        let headers = headers(&fields);
        let verdict = judge(&headers, &file);
        if fields.is_empty() {
            prop_assert_eq!(verdict, ConditionResult::Proceed);
            prop_assert!(range_applies(&headers, &file));
        }
        prop_assert!(httpdate::parse_http_date(&file.last_modified()).unwrap() <= now);
        prop_assert_eq!(file.etag(), "\"tag\"");
    }

    #[test]
    fn joomla_reads_the_name_it_can_use(name in "[^/\0]{1,20}", extension in "[a-z]{1,4}") {
        let name = format!("{name}.{extension}");
        let value = attachment(&name);
        prop_assert!(HeaderValue::from_str(&value).is_ok());
        prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let read = name_for_joomla(&value);
        prop_assert_eq!(read.chars().count(), name.chars().count());
        prop_assert_eq!(read.rsplit_once('.').unwrap().1, extension);
        match value.split_once("filename*=UTF-8''") {
            None => prop_assert_eq!(read, name),
            Some((_, full)) => prop_assert_eq!(percent_decoded(full), name.into_bytes()),
        }
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}
