//! Joomla's text filter: agrees with a slow reading of its rules, leaves no tag, adds nothing.

use jbackend_bridge::php::entities;
use jbackend_bridge::php::string_filter::{clean, decode_entities, remove_tags};

/// Cleans any text.
pub fn holds(data: &[u8]) {
    let decoded = decode_entities(data);
    assert_eq!(decoded, slowly_decoded(data), "entities");
    let text = remove_tags(data);
    assert_eq!(text, slowly_without_tags(data), "tags");
    assert_eq!(remove_tags(&text), text, "tags are gone at once");
    assert!(is_made_of(&text, data), "nothing is added, nothing changes its place");

    let cleaned = clean(data);
    assert_eq!(cleaned, remove_tags(&decoded), "entities first");
    assert!(!cleaned.contains(&b'<'), "no tag is left");
    assert!(cleaned.len() <= data.len(), "no reference is shorter than its character");
    if !cleaned.contains(&b'&') {
        assert_eq!(clean(&cleaned), cleaned, "without references, twice is once");
    }
    if !data.contains(&b'<') && !data.contains(&b'&') {
        assert_eq!(cleaned, data, "plain text stays as it is");
    }
}

/// Whether the bytes of `some` stand in `all`, in that order.
fn is_made_of(some: &[u8], all: &[u8]) -> bool {
    let mut all = all.iter();
    some.iter().all(|byte| all.any(|other| other == byte))
}

fn slowly_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let end = rest.iter().position(|&byte| byte == b';').filter(|_| rest[0] == b'&');
        if let Some((character, end)) = end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            out.extend(character.to_string().into_bytes());
            at += end + 1;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

fn character(name: &[u8]) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let Some(number) = name.strip_prefix('#') else { return entities::character(name.as_bytes()) };
    // PHP leaves the second `0x` of a hexadecimal number to C, which skips it.
    let (radix, digits) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, number),
    };
    let skipped = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let digits = skipped.filter(|_| radix == 16).unwrap_or(digits);
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let value =
        if significant.is_empty() { 0 } else { u32::from_str_radix(significant, radix).ok()? };
    let is_control = value < 0x20 && ![9, 10, 13].contains(&value) || (0x7f..0xa0).contains(&value);
    char::from_u32(value).filter(|_| !is_control)
}

fn slowly_without_tags(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'<' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        match tag_end(text, at + 1) {
            TagEnd::Closed(end) => at = end + 1,
            TagEnd::NextTag => at += 1,
            TagEnd::Missing => break,
        }
    }
    out
}

enum TagEnd {
    Closed(usize),
    NextTag,
    Missing,
}

fn tag_end(text: &[u8], mut at: usize) -> TagEnd {
    while at < text.len() {
        match text[at] {
            b'>' => return TagEnd::Closed(at),
            b'<' => return TagEnd::NextTag,
            b'=' => {
                let open = solid(text, at + 1);
                let is_quoted = open < text.len() && [b'"', b'\''].contains(&text[open]);
                if !is_quoted {
                    at += 1;
                    continue;
                }
                let closes = |&close: &usize| text[close] == text[open] && ends_value(text, close);
                match (open + 1..text.len()).find(closes) {
                    Some(close) => at = close + 1,
                    None => return TagEnd::Missing,
                }
            }
            _ => at += 1,
        }
    }
    TagEnd::Missing
}

/// The first place from `at` on that is no blank.
fn solid(text: &[u8], at: usize) -> usize {
    (at..text.len()).find(|&place| !is_blank(text[place])).unwrap_or(text.len())
}

fn ends_value(text: &[u8], quote: usize) -> bool {
    match text.get(quote + 1) {
        None | Some(b'>') => true,
        Some(b'/') => text.get(solid(text, quote + 2)) == Some(&b'>'),
        Some(&byte) => is_blank(byte),
    }
}

fn is_blank(byte: u8) -> bool {
    b" \t\n\x0b\x0c\r".contains(&byte)
}
