//! PHP's reading of query strings and bodies, as compared with PHP 8.2 (`parse_str`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;

use php_compat::query::{self, Fields, Value, percent_decode};
use proptest::prelude::*;

/// Names with their texts; nothing for an array.
type Names = &'static [(&'static str, Option<&'static str>)];

#[test]
fn names_as_php_mangles_them() {
    let cases: [(&str, Names); 42] = [
        ("[a]=1", &[]),
        ("[=1", &[]),
        ("%5Ba%5D=1", &[]),
        ("+[a]=1", &[]),
        ("%00=1", &[]),
        ("=1", &[]),
        ("%20=1", &[]),
        ("a[=1", &[("a_", Some("1"))]),
        ("a[b=1", &[("a_b", Some("1"))]),
        ("a[b.c=1", &[("a_b_c", Some("1"))]),
        ("a[b[c=1", &[("a_b_c", Some("1"))]),
        ("a[ b c.d=1", &[("a__b_c_d", Some("1"))]),
        ("a[%00]=1", &[("a_", Some("1"))]),
        ("a[b][c=1", &[("a", None)]),
        ("a[b]c=1", &[("a", None)]),
        ("a[b]]=1", &[("a", None)]),
        ("a[[b]=1", &[("a", None)]),
        ("a[]", &[("a", None)]),
        ("a[ ]=1", &[("a", None)]),
        ("a%5Bb%5D=1", &[("a", None)]),
        ("a.b[x.y]=1", &[("a_b", None)]),
        (".[a]=1", &[("_", None)]),
        (" a=1", &[("a", Some("1"))]),
        ("%20+a=1", &[("a", Some("1"))]),
        ("a%00b=1", &[("a", Some("1"))]),
        ("a", &[("a", Some(""))]),
        ("a=", &[("a", Some(""))]),
        ("&&a=1&&", &[("a", Some("1"))]),
        ("a]=1", &[("a]", Some("1"))]),
        ("a]b[c=1", &[("a]b_c", Some("1"))]),
        ("a=b=c", &[("a", Some("b=c"))]),
        (".=1", &[("_", Some("1"))]),
        ("a%2Eb=1", &[("a_b", Some("1"))]),
        ("a%0Ab=1", &[("a\nb", Some("1"))]),
        ("a;b=1", &[("a;b", Some("1"))]),
        ("amp;x=1", &[("amp;x", Some("1"))]),
        ("0=a&00=b", &[("0", Some("a")), ("00", Some("b"))]),
        ("a[b]=1&a=2&c=3", &[("a", Some("2")), ("c", Some("3"))]),
        ("a=1&a[b]=2", &[("a", None)]),
        ("a=1&b=2&a=3", &[("a", Some("3")), ("b", Some("2"))]),
        ("a[b.c]=1&a[b=2", &[("a", None), ("a_b", Some("2"))]),
        ("a%=%4&b=%zz%e9+%2b", &[("a%", Some("%4")), ("b", Some("%zz\u{e9} +"))]),
    ];
    for (sent, expected) in cases {
        let fields = query::parse(sent.as_bytes());
        let found: Vec<_> = fields
            .iter()
            .map(|(name, value)| (String::from_utf8(name.to_vec()).unwrap(), latin(value)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect();
        assert_eq!(found, expected, "{sent}");
    }
}

#[test]
fn limits_as_php_sets_them() {
    let many: Vec<_> = (0..1005).map(|number| format!("v{number}=1")).collect();
    let many = many.join("&");
    assert_eq!(query::parse(many.as_bytes()).len(), 1000);
    assert!(query::parse(many.as_bytes()).get("v1000").is_none());
    let padded = "&".repeat(3000) + &many;
    assert_eq!(query::parse(padded.as_bytes()).len(), 1000);
    let nameless = "=x&".repeat(500) + &many;
    assert_eq!(query::parse(nameless.as_bytes()).len(), 500);
    let repeated = "v1=x&".repeat(500) + &many;
    assert_eq!(query::parse(repeated.as_bytes()).len(), 500);

    for (levels, names) in [(64, vec!["z", "a", "b", "c"]), (65, vec!["z", "b", "c"])] {
        let deep = format!("z=1&a=0&b=2&a{}=1&c=1", "[]".repeat(levels));
        let fields = query::parse(deep.as_bytes());
        let found = fields.iter().map(|(name, _)| name);
        assert!(found.eq(names.iter().map(|name| name.as_bytes())), "{levels}");
    }
    let again = format!("a=0&b=1&a{}=1&a=2", "[x]".repeat(70));
    let fields = query::parse(again.as_bytes());
    assert_eq!(fields.len(), 2);
    assert_eq!(fields.get("a"), Some(&Value::Text(b"2".to_vec())));
}

#[test]
fn entities_separate_parameters_in_queries_only() {
    let sent = b"amp;a=0&amp;b=1&amp;amp;c=2&amp=3&AMP;d=4";
    let names = |fields: &Fields| -> Vec<String> {
        let names = fields.iter().map(|(name, _)| name.to_vec());
        names.map(|name| String::from_utf8(name).unwrap()).collect()
    };
    let query = query::parse_query(sent);
    assert_eq!(names(&query), ["amp;a", "b", "amp;c", "amp", "AMP;d"]);
    let body = query::parse(sent);
    assert_eq!(names(&body), ["amp;a", "amp;b", "amp;amp;c", "amp", "AMP;d"]);
}

#[test]
fn paths_decode_plus_or_not() {
    assert_eq!(percent_decode(b"a+b%20c%2Bd%2", false), b"a+b c+d%2");
    assert_eq!(percent_decode(b"a+b%20c%2Bd%", true), b"a b c+d%");
    assert_eq!(percent_decode(b"%25%32%35%fF%%41%g1", true), b"%25\xff%A%g1");
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(
        pairs in proptest::collection::vec(("[a-z]{1,4}", any::<Vec<u8>>()), 0..20),
    ) {
        let mut fields = Fields::new();
        let mut sent = Vec::new();
        for (name, value) in &pairs {
            fields.insert(name.as_bytes(), value.clone());
            let mut piece = format!("{name}=");
            for byte in value {
                write!(piece, "%{byte:02X}").unwrap();
            }
            sent.push(piece);
        }
        let parsed = query::parse_query(sent.join("&").as_bytes());
        prop_assert!(parsed.iter().eq(fields.iter()));
        for (name, value) in pairs.iter().rev().take(1) {
            prop_assert_eq!(parsed.get(name), Some(&Value::Text(value.clone())));
        }
    }

    #[test]
    fn any_query_is_read(raw in "[a-c=&%\\[\\]. +0-9]{0,60}") {
        let fields = query::parse(raw.as_bytes());
        prop_assert_eq!(fields.iter().count(), fields.len());
        for (name, _) in fields.iter() {
            prop_assert!(!name.is_empty());
            prop_assert!(!name.iter().any(|byte| matches!(byte, b' ' | b'.' | b'[')));
        }
    }
}

/// The text of a value, byte by byte; nothing for an array.
fn latin(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.iter().map(|&byte| char::from(byte)).collect()),
        Value::Array => None,
    }
}
