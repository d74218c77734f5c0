//! Headers, ranges and conditional requests, by `docs/release.md`, "Download".

use std::{
    fs::{self, File, FileTimes},
    time::{Duration, SystemTime},
};

use super::{Site, pattern};

#[test]
fn a_plain_get_is_the_whole_file_with_all_headers() {
    let site = Site::new();
    let content = pattern(700_001);
    site.write("redj_1.9.0.zip", &content);
    let answer = site.get("redj_1.9.0.zip", &[("Accept-Encoding", "gzip, br, deflate")]);
    assert_eq!(answer.status, 200);
    assert!(answer.body == content);
    let modified = fs::metadata(site.path("redj_1.9.0.zip")).unwrap().modified().unwrap();
    let expected = [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"redj_1.9.0.zip\""),
        ("content-length", "700001"),
        ("accept-ranges", "bytes"),
        ("last-modified", &httpdate::fmt_http_date(modified)),
        ("cache-control", "private, no-cache, no-transform"),
        ("x-content-type-options", "nosniff"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let etag = answer.header("etag").unwrap();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("transfer-encoding"), None);
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let site = Site::new();
    site.write("a.zip", &pattern(5000));
    let mut get = site.get("a.zip", &[]);
    for range in ["bytes=0-9", "bytes=9999-", "nonsense"] {
        let mut head = site.request("HEAD", "a.zip", &[("Range", range)]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{range}");
        head.headers.remove("date");
        get.headers.remove("date");
        assert_eq!(head.headers, get.headers);
    }
    let etag = get.header("etag").unwrap();
    assert_eq!(site.request("HEAD", "a.zip", &[("If-None-Match", etag)]).status, 304);
    assert_eq!(site.request("HEAD", "a.zip", &[("If-Match", "\"other\"")]).status, 412);
}

#[test]
fn other_verbs_send_the_whole_file() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    let etag = site.get("a.zip", &[]).header("etag").unwrap().to_owned();
    for verb in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        for header in
            [("Range", "bytes=2-3"), ("If-None-Match", etag.as_str()), ("If-Match", "\"other\"")]
        {
            let answer = site.request(verb, "a.zip", &[header]);
            assert_eq!((answer.status, answer.body.as_slice()), (200, &b"0123456789"[..]));
            assert_eq!(answer.header("content-length"), Some("10"));
        }
    }
}

#[test]
fn ranges() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    let cases: &[(&str, u16, &str, &str)] = &[
        ("bytes=0-0", 206, "bytes 0-0/10", "0"),
        ("bytes=2-4", 206, "bytes 2-4/10", "234"),
        ("bytes=0-", 206, "bytes 0-9/10", "0123456789"),
        ("bytes=9-", 206, "bytes 9-9/10", "9"),
        ("bytes=5-99", 206, "bytes 5-9/10", "56789"),
        ("bytes=5-18446744073709551615", 206, "bytes 5-9/10", "56789"),
        ("bytes=5-99999999999999999999999", 206, "bytes 5-9/10", "56789"),
        ("bytes=-3", 206, "bytes 7-9/10", "789"),
        ("bytes=-10", 206, "bytes 0-9/10", "0123456789"),
        ("bytes=-11", 206, "bytes 0-9/10", "0123456789"),
        ("bytes=-99999999999999999999999", 206, "bytes 0-9/10", "0123456789"),
        ("bytes=007-008", 206, "bytes 7-8/10", "78"),
        ("Bytes=1-2", 206, "bytes 1-2/10", "12"),
        ("bytes= 1-2 ,", 206, "bytes 1-2/10", "12"),
        ("bytes=10-", 416, "bytes */10", ""),
        ("bytes=10-20", 416, "bytes */10", ""),
        ("bytes=99999999999999999999999-", 416, "bytes */10", ""),
        ("bytes=-0", 416, "bytes */10", ""),
        ("bytes=4-2", 200, "", "0123456789"),
        ("bytes=0-1,4-5", 200, "", "0123456789"),
        ("bytes=20-30,40-50", 200, "", "0123456789"),
        ("bytes=", 200, "", "0123456789"),
        ("bytes=-", 200, "", "0123456789"),
        ("bytes=,", 200, "", "0123456789"),
        ("bytes=a-b", 200, "", "0123456789"),
        ("bytes=+1-2", 200, "", "0123456789"),
        ("bytes=1-2-3", 200, "", "0123456789"),
        ("bytes=--3", 200, "", "0123456789"),
        ("bytes 1-2", 200, "", "0123456789"),
        ("lines=1-2", 200, "", "0123456789"),
        ("\u{fc}", 200, "", "0123456789"),
    ];
    for (range, status, content_range, body) in cases {
        let answer = site.get("a.zip", &[("Range", range)]);
        assert_eq!(answer.status, *status, "{range}");
        assert_eq!(answer.header("content-range").unwrap_or(""), *content_range, "{range}");
        assert_eq!(String::from_utf8(answer.body.clone()).unwrap(), *body, "{range}");
        let length = body.len().to_string();
        assert_eq!(answer.header("content-length"), Some(length.as_str()), "{range}");
        assert_eq!(answer.header("accept-ranges"), Some("bytes"), "{range}");
    }
    let twice = site.get("a.zip", &[("Range", "bytes=0-1"), ("Range", "bytes=2-3")]);
    assert_eq!((twice.status, twice.body.len()), (200, 10));
}

#[test]
fn a_part_is_described_like_the_whole() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    let whole = site.get("a.zip", &[]);
    let part = site.get("a.zip", &[("Range", "bytes=1-2")]);
    for name in ["etag", "last-modified", "content-disposition", "content-type", "cache-control"] {
        assert_eq!(part.header(name), whole.header(name), "{name}");
        assert!(part.header(name).is_some(), "{name}");
    }
}

#[test]
fn an_empty_file() {
    let site = Site::new();
    site.write("empty.zip", b"");
    for (range, status) in
        [("x", 200), ("bytes=-5", 200), ("bytes=0-", 416), ("bytes=0-0", 416), ("bytes=-0", 416)]
    {
        let answer = site.get("empty.zip", &[("Range", range)]);
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{range}");
        assert_eq!(answer.header("content-length"), Some("0"), "{range}");
    }
}

#[test]
fn if_range() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    age(&site, "a.zip", Duration::from_hours(1));
    let whole = site.get("a.zip", &[]);
    let etag = whole.header("etag").unwrap();
    let date = whole.header("last-modified").unwrap();
    let hour = Duration::from_hours(1);
    let older = httpdate::fmt_http_date(SystemTime::now() - 2 * hour);
    let newer = httpdate::fmt_http_date(SystemTime::now());
    let weak = format!("W/{etag}");
    let list = format!("{etag}, \"b\"");
    let cases = [
        (etag, 206),
        (date, 206),
        (weak.as_str(), 200),
        (list.as_str(), 200),
        ("\"other\"", 200),
        (older.as_str(), 200),
        (newer.as_str(), 200),
        ("*", 200),
        ("", 200),
    ];
    for (value, status) in cases {
        let answer = site.get("a.zip", &[("Range", "bytes=2-3"), ("If-Range", value)]);
        assert_eq!(answer.status, status, "{value}");
        let stale = site.get("a.zip", &[("Range", "bytes=99-"), ("If-Range", value)]);
        assert_eq!(stale.status, if status == 206 { 416 } else { 200 }, "{value}");
        let no_range = site.get("a.zip", &[("If-Range", value)]);
        assert_eq!(no_range.status, 200, "{value}");
    }
}

#[test]
fn a_date_does_not_name_a_file_that_may_still_be_written() {
    let site = Site::new();
    site.write("new.zip", b"0123456789");
    set_modified(&site, "new.zip", SystemTime::now() + Duration::from_mins(1));
    let answer = site.get("new.zip", &[]);
    let date = answer.header("last-modified").unwrap();
    assert!(httpdate::parse_http_date(date).unwrap() <= SystemTime::now());
    let part = site.get("new.zip", &[("Range", "bytes=2-3"), ("If-Range", date)]);
    assert_eq!(part.status, 200);
}

#[test]
fn conditions_in_their_order() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    age(&site, "a.zip", Duration::from_hours(1));
    let whole = site.get("a.zip", &[]);
    let etag = whole.header("etag").unwrap();
    let same = whole.header("last-modified").unwrap();
    let weak = format!("W/{etag}");
    let list = format!("\"a,b\" ,, W/\"x\",{etag}");
    let broken = format!("oops, {etag}");
    let glued = format!("\"x\"{etag}");
    let older = httpdate::fmt_http_date(SystemTime::now() - Duration::from_hours(2));
    let newer = httpdate::fmt_http_date(SystemTime::now());
    let (m, u) = ("If-Match", "If-Unmodified-Since");
    let (n, s) = ("If-None-Match", "If-Modified-Since");
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[(m, etag)], 200),
        (&[(m, "*")], 200),
        (&[(m, &list)], 200),
        (&[(m, &weak)], 412),
        (&[(m, "\"other\"")], 412),
        (&[(m, &broken)], 412),
        (&[(m, "\"other\""), (m, etag)], 200),
        (&[(m, etag), (u, &older)], 200),
        (&[(m, "\"other\""), (n, etag)], 412),
        (&[(u, same)], 200),
        (&[(u, &newer)], 200),
        (&[(u, &older)], 412),
        (&[(u, "yesterday")], 200),
        (&[(n, etag)], 304),
        (&[(n, "*")], 304),
        (&[(n, &weak)], 304),
        (&[(n, &list)], 304),
        (&[(n, "\"other\"")], 200),
        (&[(n, &broken)], 200),
        (&[(n, &glued)], 200),
        (&[(n, etag.trim_matches('"'))], 200),
        (&[(n, "")], 200),
        (&[(n, "\"other\""), (s, same)], 200),
        (&[(n, etag), (s, &older)], 304),
        (&[(s, same)], 304),
        (&[(s, &newer)], 304),
        (&[(s, &older)], 200),
        (&[(s, "yesterday")], 200),
        (&[(s, same), (s, same)], 200),
        (&[(m, etag), (n, etag)], 304),
        (&[(n, etag), ("Range", "bytes=0-0")], 304),
        (&[(m, "\"other\""), ("Range", "bytes=99-")], 412),
        (&[(m, etag), ("Range", "bytes=0-0")], 206),
    ];
    for (headers, status) in cases {
        let answer = site.get("a.zip", headers);
        assert_eq!(answer.status, *status, "{headers:?}");
        if matches!(status, 304 | 412) {
            assert!(answer.body.is_empty(), "{headers:?}");
            assert_eq!(answer.header("etag"), Some(etag), "{headers:?}");
            assert_eq!(answer.header("content-disposition"), None, "{headers:?}");
        }
    }
}

#[test]
fn an_entity_tag_tells_files_apart_and_survives_a_restart() {
    let site = Site::new();
    site.write("a.zip", b"first");
    let then = SystemTime::now() - Duration::from_hours(1);
    set_modified(&site, "a.zip", then);
    let etag = |site: &Site| site.get("a.zip", &[]).header("etag").unwrap().to_owned();
    let first = etag(&site);
    assert_eq!(first, etag(&site));
    let restarted = Site::serving(site.folder);
    assert_eq!(first, etag(&restarted));
    let site = restarted;
    site.write("a.zip", b"other");
    set_modified(&site, "a.zip", then);
    assert_ne!(first, etag(&site), "same size, same date, other content");
}

#[test]
fn odd_dates_are_served() {
    let site = Site::new();
    for (seconds_before_1970, date) in
        [(1u64, "Thu, 01 Jan 1970 00:00:00 GMT"), (1 << 30, "Thu, 01 Jan 1970 00:00:00 GMT")]
    {
        site.write("a.zip", b"x");
        let modified = SystemTime::UNIX_EPOCH - Duration::from_secs(seconds_before_1970);
        set_modified(&site, "a.zip", modified);
        let answer = site.get("a.zip", &[]);
        assert_eq!((answer.status, answer.header("last-modified")), (200, Some(date)));
        assert_eq!(answer.body, b"x");
    }
}

#[test]
fn a_name_joomla_would_cut_is_replaced() {
    let site = Site::new();
    site.write("a;b.zip", b"x");
    assert_eq!(
        site.get("a;b.zip", &[]).header("content-disposition"),
        Some("attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%3Bb.zip")
    );
}

fn age(site: &Site, name: &str, by: Duration) {
    set_modified(site, name, SystemTime::now() - by);
}

fn set_modified(site: &Site, name: &str, time: SystemTime) {
    let file = File::options().append(true).open(site.path(name)).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}
