//! Joomla's text filter: agrees with a slow reading of its rules, leaves no tag, adds only entities.

use php_compat::entities;
use php_compat::string_filter::{clean, decode_entities};
use php_compat::tags::remove_tags;

/// Cleans any text.
pub fn holds(data: &[u8]) {
    let decoded = decode_entities(data);
    assert_eq!(decoded, slowly_decoded(data), "entities");
    let text = remove_tags(data);
    assert_eq!(text, slowly_without_tags(data), "tags");
    assert_eq!(remove_tags(&text), text, "tags are gone at once");
    if !data.contains(&b'=') {
        assert!(is_made_of(&text, data), "nothing is added, nothing changes its place");
    }

    let cleaned = clean(data);
    assert_eq!(cleaned, remove_tags(&decoded), "entities first");
    assert!(!cleaned.contains(&b'<'), "no tag is left");
    // `"` is the shortest that grows most, to `&quot;`; one value may get the quote it lacks.
    assert!(cleaned.len() <= 6 * data.len() + 1, "no more than escaping adds");
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

/// Cuts and joins whole texts, one change at a time.
fn slowly_without_tags(text: &[u8]) -> Vec<u8> {
    let mut done = Vec::new();
    let mut rest = slowly_escaped(text);
    while let Some(before) = place(&rest, b'<') {
        let tag = rest.split_off(before);
        done.append(&mut rest);
        let second = |from: usize| Some(from + place(tag.get(from..)?, b'<')?);
        rest = match place(&tag, b'>') {
            None => tag[(before + 1).min(tag.len())..].to_vec(),
            Some(close) if second(before + 1).is_some_and(|second| second + 1 < close) => {
                [&tag[..before], &tag[before + 1..]].concat()
            }
            Some(close) => match second(1) {
                Some(second) if second < close => {
                    done.extend(&tag[1..second]);
                    tag[second..].to_vec()
                }
                _ => tag[close + 1..].to_vec(),
            },
        };
    }
    done.append(&mut rest);
    done
}

fn place(text: &[u8], wanted: u8) -> Option<usize> {
    text.iter().position(|&byte| byte == wanted)
}

/// Tries each place of the text as an attribute's opening quote, and each behind it as its end.
fn slowly_escaped(text: &[u8]) -> Vec<u8> {
    let Some(open) = (0..text.len()).find(|&at| opens_value(text, at)) else {
        return text.to_vec();
    };
    let closes = |&at: &usize| text[at] == text[open] && ends_value(text, at);
    let end = (open + 1..text.len()).find(closes).unwrap_or(text.len());
    let mut out = text[..=open].to_vec();
    for &byte in &text[open + 1..end] {
        match byte {
            b'<' => out.extend(b"&lt;"),
            b'>' => out.extend(b"&gt;"),
            b'"' => out.extend(b"&quot;"),
            _ => out.push(byte),
        }
    }
    out.push(text[open]);
    out.extend(slowly_escaped(text.get(end + 1..).unwrap_or_default()));
    out
}

/// A quote, before it blanks, before them `=`, and before that a `<` that no `>` has closed.
fn opens_value(text: &[u8], at: usize) -> bool {
    let equals = (0..at).rev().find(|&place| !is_blank(text[place]));
    b"\"'".contains(&text[at])
        && equals.is_some_and(|equals| {
            let mut before = text[..equals].iter().rev();
            text[equals] == b'=' && before.find(|byte| b"<>".contains(byte)) == Some(&b'<')
        })
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
