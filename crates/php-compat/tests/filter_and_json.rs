//! PHP's JSON and Joomla's input filter, against recordings.
//!
//! `vectors/filter.jsonl` holds query strings and the values that a Joomla module saw as the
//! parameter `x`; the references below were compared with PHP 8.2.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;

use php_compat::json::{self, Object};
use php_compat::query::{self, Value};
use php_compat::string_filter::{clean, decode_entities};
use php_compat::tags::remove_tags;
use proptest::prelude::*;

#[test]
fn recorded_parameters() {
    for line in include_str!("vectors/filter.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields = query::parse_query(case["query"].as_str().unwrap().as_bytes());
        let Some(Value::Text(raw)) = fields.get("x") else {
            panic!("no x: {case}");
        };
        assert_eq!(hex(&clean(raw)), case["x_hex"].as_str().unwrap(), "{case}");
    }
}

/// `vectors/string_filter.jsonl`: the results of the newer Joomlas for a text; two older ones
/// differ in a few, which are named beside it.
#[test]
fn an_unclosed_tag_cut_the_rest_of_a_parameter() {
    for line in include_str!("vectors/string_filter.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let seen = clean(case["in"].as_str().unwrap().as_bytes());
        assert_eq!(hex(&seen), case["out_hex"].as_str().unwrap(), "{case}");
    }
}

#[test]
fn filter_table() {
    let cases = [
        ("a<b>c@x", "ac@x"),
        ("a<b", "a"),
        ("a < b", "a "),
        ("a>b", "a>b"),
        ("1<script>alert(1)</script>2", "1alert(1)2"),
        ("Bob <bob@x.y>", "Bob "),
        ("1 < 2 and 3 > 2", "1  2"),
        ("a<>b", "ab"),
        ("k=\"v>w\"", "k=\"v>w\""),
        ("k=\"v<w\"z", "k=\"v"),
        (" a ", " a "),
        ("\r\n\0\u{1}", "\r\n\0\u{1}"),
        ("%zz%4%", "%zz%4%"),
        ("a&lt;b&gt;c", "ac"),
        ("a&amp;lt;b", "a&lt;b"),
        ("&#38;lt;", "&lt;"),
        ("&lt", "&lt"),
        ("&copyb", "&copyb"),
        ("&apos;&#0;&#150;&#x80;&LT;", "&apos;&#0;&#150;&#x80;&LT;"),
        ("&eacute;&hearts;&nbsp;", "\u{e9}\u{2665}\u{a0}"),
        ("&#65;&#x41;&#X41;", "AAA"),
        // Attributes: brackets in a quoted value belong to it.
        ("<a title=\">\">x", "x"),
        ("<a title='>'>x", "x"),
        ("<a title = \">\" b=c>x", "x"),
        ("<a title=\"a\"b>c\">x", "x"),
        ("<a title=\"<b>\" />x", "x"),
        ("<a b=\">\n\" >x</a>", "x"),
        ("<a title=\"never closed>x", "a title=\"never closed&gt;x\""),
        // A `<` that is never closed.
        ("<KEY", "KEY"),
        ("a<KEY", "aEY"),
        ("ab<KEY", "abY"),
        ("abcd<KEY", "abcd"),
        ("<a href=\"x", "a href=\"x\""),
        ("<a title>\"x\">y", "\"x\">y"),
        // The ends of tags.
        ("<!-- a > b -->c", " b -->c"),
        ("a<!--b-->c", "ac"),
        ("<<b>a</b>", "a"),
        ("<em><strongFred</strong></em>", "strongFred"),
        ("a<<b", "ab"),
        ("<<<", ""),
        ("<1>2<%3>4</ 5>6< 7>", "246"),
        ("a<br/>b<br />c", "abc"),
        ("<div&#x003e;Hello &quot;J&quot;&#60;/div>", "Hello \"J\""),
    ];
    for (sent, seen) in cases {
        let found = clean(sent.as_bytes());
        assert_eq!(String::from_utf8_lossy(&found), seen, "{sent:?}");
    }
    assert_eq!(clean(b"a\xff<b>\xc3&eacute;"), b"a\xff\xc3\xc3\xa9");
}

#[test]
fn numeric_references_as_php_decodes_them() {
    let mut decoded = Vec::new();
    for code in 0..0x11_0010_u32 {
        let forms = [format!("&#{code};"), format!("&#x{code:x};")];
        let results = forms.each_ref().map(|form| decode_entities(form.as_bytes()));
        let changed = results.each_ref().map(|result| result.first() != Some(&b'&'));
        // 38 is the ampersand itself.
        let known = changed == [true, true] || (code == 38 && results == [b"&", b"&"]);
        assert!(known || changed == [false, false], "{code}");
        if known {
            let character = char::from_u32(code).unwrap().to_string();
            assert!(results.iter().all(|result| result == character.as_bytes()), "{code}");
            decoded.push(code);
        }
    }
    let ranges = [9..=10, 13..=13, 0x20..=0x7e, 0xa0..=0xd7ff, 0xe000..=0x10_ffff];
    assert!(decoded.into_iter().eq(ranges.into_iter().flatten()));
}

#[test]
fn odd_references_as_php_decodes_them() {
    let same = [
        "&#x;",
        "&#;",
        "&;",
        "&#0x41;",
        "&#x 41;",
        "&# 65;",
        "&#+65;",
        "&#-65;",
        "&#x+41;",
        "&#65",
        "&#65 ;",
        "&#4294967361;",
        "&#18446744073709551681;",
        "&#x100000041;",
        "&#x10000000000000041;",
        "&#65a;",
        "&#x41g;",
        "&Lt;",
        "&AMP;",
        "&l\0t;",
        "&lt\0;",
        "&#x0x;",
        "&#0x;",
        "&#xg;",
        "&#x0xg;",
        "&#x0x0x41;",
        "&#039",
        "& lt;",
        "&#l;",
        "&a#lt;",
    ];
    for text in same {
        assert_eq!(decode_entities(text.as_bytes()), text.as_bytes(), "{text:?}");
    }
    let changed = [
        ("&#065;", "A"),
        ("&#x0041;", "A"),
        ("&#x0x41;", "A"),
        ("&#X0X41;", "A"),
        ("&a&lt;", "&a<"),
        ("&&lt;", "&<"),
        ("&#&lt;", "&#<"),
        ("&#x&lt;", "&#x<"),
        ("&lt;;", "<;"),
        ("&sup1;&frac12;&there4;&thetasym;", "\u{b9}\u{bd}\u{2234}\u{3d1}"),
        ("&#000000000000000000000000000000000065;", "A"),
        ("&#39;&#34;&quot;&#039;", "'\"\"'"),
        ("&#xFFFE;&#xFFFF;", "\u{fffe}\u{ffff}"),
    ];
    for (text, expected) in changed {
        let found = decode_entities(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&found), expected, "{text:?}");
    }
}

#[test]
fn long_texts_of_brackets_take_no_longer() {
    // Quadratic work on these would be 10^12 steps and never end.
    let texts = [
        "<".repeat(1 << 20),
        "<a=\"".repeat(1 << 18),
        "<='\" ' ".repeat(1 << 17) + "<",
        "<=".repeat(1 << 19) + "\" \" ' ' <",
        "<a b=\"".repeat(1 << 17) + &"\" ".repeat(1 << 18) + "<",
        "= ".repeat(1 << 19),
        "<".to_owned() + &"=\"\" ".repeat(1 << 18),
        "&".repeat(1 << 20),
        "&#".repeat(1 << 19),
        "&".to_owned() + &"a".repeat(1 << 20),
        "ab<".repeat(1 << 18),
        "a".repeat(1 << 19) + &"<".repeat(1 << 19) + ">",
        "aaaa<bb<".repeat(1 << 17) + &"c".repeat(1 << 18) + "<>",
    ];
    for text in texts {
        assert!(clean(text.as_bytes()).len() <= 6 * text.len() + 1);
    }
}

#[test]
fn json_as_php_writes_it() {
    let text = "a/b\"c\\d\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}'<>&\u{80}\u{e9}\u{2028}\u{ffff}\u{1f600}";
    let mut out = Vec::new();
    json::string(&mut out, text);
    let expected = concat!(
        r#""a\/b\"c\\d\b\f\n\r\t\u0000\u001f"#,
        "\u{7f}",
        r#"'<>&\u0080\u00e9\u2028\uffff\ud83d\ude00""#
    );
    assert_eq!(String::from_utf8(out).unwrap(), expected);

    assert_eq!(Object::new().finish(), b"{}");
    let object = Object::new().text("status", "ok").text("", "").text("k/", "\u{e9}");
    assert_eq!(object.finish(), br#"{"status":"ok","":"","k\/":"\u00e9"}"#);
}

proptest! {
    #[test]
    fn no_bracket_is_left(text in brackets()) {
        let found = clean(text.as_bytes());
        prop_assert!(!found.contains(&b'<'));
        prop_assert_eq!(remove_tags(&found), found);
    }

    #[test]
    fn any_bytes_are_cleaned(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        let found = clean(&raw);
        prop_assert!(!found.contains(&b'<'));
        let plain = !raw.iter().any(|byte| matches!(byte, b'<' | b'&'));
        prop_assert!(!plain || found == raw);
    }

    #[test]
    fn closed_tags_vanish(
        parts in proptest::collection::vec(("[^<>&]{0,5}", "[^<>&='\"]{0,5}"), 0..8),
    ) {
        let (mut sent, mut expected) = (String::new(), String::new());
        for (text, tag) in parts {
            write!(sent, "{text}<{tag}>").unwrap();
            expected += &text;
        }
        prop_assert_eq!(clean(sent.as_bytes()), expected.into_bytes());
    }

    #[test]
    fn json_comes_back(text in any::<String>()) {
        let mut out = Vec::new();
        json::string(&mut out, &text);
        prop_assert!(out.is_ascii());
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}

fn brackets() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "<", ">", "<b", "</", "=", "=\"", "\"", "'", "=' ", " ", "/", "\n", "x", "&lt;", "&gt;",
        "&#60;", "&amp;", "&quot;", ";", "&",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
