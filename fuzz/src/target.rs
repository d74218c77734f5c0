//! Request targets: paths stay below the root, and parameters are those of PHP's own algorithm.

use std::fmt::Write as _;

use jbackend_bridge::site::target::{BadTarget, SitePath};
use php_compat::query::{
    Fields, MAX_NESTING, MAX_PARAMETERS, Value, parse, parse_query, percent_decode,
};

/// Reads a path with a query.
pub fn holds(data: &[u8]) {
    let mut halves = data.splitn(2, |&byte| byte == b'?');
    let path = halves.next().unwrap_or_default();
    path_holds(path);
    query_holds(halves.next().unwrap_or_default());
}

fn path_holds(raw: &[u8]) {
    let decoded = slowly_decoded(raw, true);
    assert_eq!(percent_decode(raw, true), decoded, "decoding");
    assert_eq!(percent_decode(raw, false), slowly_decoded(raw, false), "decoding without blanks");
    match SitePath::parse(raw) {
        Err(BadTarget::Nul) => assert!(decoded.contains(&0), "a NUL"),
        Err(BadTarget::AboveRoot) => assert!(least_depth(&decoded) < 0, "climbs"),
        Ok(path) => {
            assert!(!decoded.contains(&0) && least_depth(&decoded) >= 0, "stays below the root");
            for segment in &path.segments {
                let is_special = [b"".as_slice(), b".", b".."].contains(&segment.as_slice());
                assert!(!is_special && !segment.contains(&b'/'), "a segment is a name");
            }
            assert_eq!(path.trailing_slash, decoded.last() == Some(&b'/'), "the end");
            // A path that was read means the same after it is written again.
            let written: String = path.segments.iter().map(|name| encoded(name)).collect();
            let again = SitePath::parse(written.as_bytes()).map(|path| path.segments);
            assert_eq!(again, Ok(path.segments), "written and read");
        }
    }
}

/// Returns the least depth of the path.
fn least_depth(path: &[u8]) -> i64 {
    let mut depth = 0;
    let mut least = 0;
    for segment in path.split(|&byte| byte == b'/') {
        depth += match segment {
            b"" | b"." => 0,
            b".." => -1,
            _ => 1,
        };
        least = least.min(depth);
    }
    least
}

fn encoded(name: &[u8]) -> String {
    let mut text = String::from("/");
    for byte in name {
        write!(text, "%{byte:02x}").expect("a string takes it");
    }
    text
}

fn query_holds(raw: &[u8]) {
    let fields = parse(raw);
    assert_eq!(listed(&fields), slowly_parsed(raw), "a form");
    let separated = replaced(raw);
    assert_eq!(listed(&parse_query(raw)), slowly_parsed(&separated), "a query");
    assert!(fields.len() <= MAX_PARAMETERS, "no more than PHP takes");
    assert_eq!(fields.len(), fields.iter().count(), "counted");
    assert_eq!(fields.is_empty(), fields.iter().next().is_none(), "empty");
    for (name, value) in fields.iter() {
        if let Ok(name) = std::str::from_utf8(name) {
            assert_eq!(fields.get(name), Some(value), "found by name");
        }
    }
}

type Listed = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn listed(fields: &Fields) -> Listed {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Array => None,
    };
    fields.iter().map(|(name, value)| (name.to_vec(), text(value))).collect()
}

/// `&` for `&amp;`.
fn replaced(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = raw;
    while let Some((&first, behind)) = rest.split_first() {
        out.push(first);
        rest = rest.strip_prefix(b"&amp;").unwrap_or(behind);
    }
    out
}

fn slowly_decoded(raw: &[u8], plus_is_blank: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let digits = raw.get(at + 1..at + 3).filter(|_| raw[at] == b'%');
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = value.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(if raw[at] == b'+' && plus_is_blank { b' ' } else { raw[at] });
            at += 1;
        }
    }
    out
}

/// Follows PHP step by step, with the members of arrays left out.
fn slowly_parsed(raw: &[u8]) -> Listed {
    let mut all = Listed::new();
    let pieces = raw.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty());
    for piece in pieces.take(MAX_PARAMETERS) {
        let equals = piece.iter().position(|&byte| byte == b'=').unwrap_or(piece.len());
        let name = slowly_decoded(&piece[..equals], true);
        let value = slowly_decoded(piece.get(equals + 1..).unwrap_or_default(), true);
        register(&mut all, &name, value);
    }
    all
}

fn register(all: &mut Listed, name: &[u8], value: Vec<u8>) {
    // A C string ends at its NUL; reading behind it gives that NUL.
    let mut name: Vec<u8> = name.iter().copied().take_while(|&byte| byte != 0).collect();
    while name.first() == Some(&b' ') {
        name.remove(0);
    }
    let Some(bracket) = name.iter().position(|&byte| byte == b'[') else {
        return set(all, mangled(&name), Some(value));
    };
    let base = mangled(&name[..bracket]);
    if base.is_empty() {
        return;
    }
    let at = |place: usize| name.get(place).copied().unwrap_or(0);
    let mut place = bracket;
    let mut level = 0;
    while at(place) == b'[' {
        level += 1;
        if level > MAX_NESTING {
            return all.retain(|(known, _)| *known != base);
        }
        match (place + 1..name.len()).find(|&end| name[end] == b']') {
            Some(end) => place = end + 1,
            None if level == 1 => return set(all, mangled(&name), Some(value)),
            None => break,
        }
    }
    set(all, base, None);
}

fn set(all: &mut Listed, name: Vec<u8>, value: Option<Vec<u8>>) {
    if name.is_empty() {
        return;
    }
    match all.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => all.push((name, value)),
    }
}

fn mangled(name: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if b" .[".contains(byte) { b'_' } else { *byte }).collect()
}
