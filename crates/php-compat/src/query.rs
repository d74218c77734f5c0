//! What PHP makes of `a=1&b[]=2`: its `$_GET` and `$_POST`.
//!
//! For query strings, form bodies and (with [`Fields::insert`]) multipart fields. It works on
//! bytes, since PHP keeps bytes that are not UTF-8. Must not import: `json`.

use std::collections::HashMap;
use std::fmt::Write as _;

use memchr::memchr2;

/// How many parameters PHP accepts (`max_input_vars`); later ones are dropped.
pub const MAX_PARAMETERS: usize = 1000;

/// How many pairs of brackets a name may have (`max_input_nesting_level`); a deeper one makes PHP
/// forget the variable altogether.
pub const MAX_NESTING: usize = 64;

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, as bytes and unfiltered.
    Text(Vec<u8>),
    /// An array (`name[]=x`, `name[a]=x`). Its members are not kept.
    Array,
}

/// Parameters by name, in PHP's order: a name keeps the place of its first appearance, its last
/// value wins.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// A parameter that is forgotten leaves its place empty.
    entries: Vec<Option<(Vec<u8>, Value)>>,
    /// The names, once there are more than a look through all of them should cost.
    names: HashMap<Vec<u8>, usize>,
    seen: usize,
}

/// Up to this many parameters are looked through one by one.
const FEW: usize = 16;

impl Fields {
    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the parameter `name`; names are compared exactly.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.entries.get(self.place(name.as_bytes())?)?.as_ref()?;
        Some(value)
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Value)> {
        let kept = self.entries.iter().flatten();
        kept.map(|(name, value)| (name.as_slice(), value))
    }

    /// How many parameters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.iter().flatten().count()
    }

    /// Whether there are no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a parameter under the name PHP gives it. `name` and `value` are already decoded.
    ///
    /// Past [`MAX_PARAMETERS`] calls nothing is added; a name that PHP does not accept counts,
    /// too.
    pub fn insert(&mut self, name: &[u8], value: Vec<u8>) {
        if self.seen >= MAX_PARAMETERS {
            return;
        }
        self.seen += 1;
        match variable_name(name) {
            Variable::Nameless => {}
            Variable::Text(name) => self.set(name, Value::Text(value)),
            Variable::Array(name) => self.set(name, Value::Array),
            Variable::TooDeep(name) => self.forget(&name),
        }
    }

    fn place(&self, name: &[u8]) -> Option<usize> {
        if self.entries.len() > FEW {
            return self.names.get(name).copied();
        }
        let is_it = |entry: &Option<(Vec<u8>, Value)>| {
            entry.as_ref().is_some_and(|(known, _)| known == name)
        };
        self.entries.iter().position(is_it)
    }

    fn set(&mut self, name: Vec<u8>, value: Value) {
        let place = self.place(&name);
        if let Some(Some((_, old))) = place.and_then(|place| self.entries.get_mut(place)) {
            *old = value;
            return;
        }
        if self.entries.len() >= FEW {
            if self.names.is_empty() {
                let known = self.entries.iter().enumerate();
                let known =
                    known.filter_map(|(place, entry)| Some((entry.as_ref()?.0.clone(), place)));
                self.names.extend(known);
            }
            self.names.insert(name.clone(), self.entries.len());
        }
        self.entries.push(Some((name, value)));
    }

    fn forget(&mut self, name: &[u8]) {
        let place = self.place(name);
        self.names.remove(name);
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) {
            *entry = None;
        }
    }
}

/// Reads a form body: `$_POST` of an `application/x-www-form-urlencoded` request.
///
/// The only separator is `&`; `x` and `x=` are both the empty text.
#[must_use]
pub fn parse(raw: &[u8]) -> Fields {
    collect(raw.split(|&byte| byte == b'&'))
}

/// Reads a query string: like [`parse`], and `&amp;` separates, too.
///
/// Joomla reads the query from its URL object, where `&amp;` is an `&`.
#[must_use]
pub fn parse_query(raw: &[u8]) -> Fields {
    let mut pieces = raw.split(|&byte| byte == b'&');
    let first = pieces.next();
    let rest = pieces.map(|piece| piece.strip_prefix(b"amp;").unwrap_or(piece));
    collect(first.into_iter().chain(rest))
}

/// Decodes `%XX`; with `plus_is_blank` also `+` (query and form, not the path of RFC 3986).
///
/// A `%` that is not followed by two hexadecimal digits stays.
#[must_use]
pub fn percent_decode(raw: &[u8], plus_is_blank: bool) -> Vec<u8> {
    if memchr2(b'%', b'+', raw).is_none() {
        return raw.to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' if plus_is_blank => out.push(b' '),
            b'%' => match escaped_byte(after) {
                Some((value, behind)) => {
                    out.push(value);
                    rest = behind;
                }
                None => out.push(b'%'),
            },
            _ => out.push(byte),
        }
    }
    out
}

/// `rawurlencode()`: the text as it may stand in a segment of a path, in a query or in a form. A
/// blank is `%20`.
#[must_use]
pub fn percent_encode(text: impl AsRef<[u8]>) -> String {
    let text = text.as_ref();
    let mut encoded = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The byte that the two hexadecimal digits at the start of `after` stand for, and what follows.
fn escaped_byte(after: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], behind) = after.split_first_chunk()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    Some((value, behind))
}

fn collect<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Fields {
    let mut fields = Fields::new();
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let mut halves = piece.splitn(2, |&byte| byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        fields.insert(&percent_decode(name, true), percent_decode(value, true));
    }
    fields
}

/// What a parameter's name makes of it.
enum Variable {
    Nameless,
    Text(Vec<u8>),
    Array(Vec<u8>),
    TooDeep(Vec<u8>),
}

/// PHP's reading of a parameter name.
///
/// Leading blanks are dropped, the name ends at a NUL, `.` and blank become `_`, and so does a
/// `[` without its `]` (and then the ones after it). A name that would be empty, such as that of
/// `[a]`, is none.
fn variable_name(raw: &[u8]) -> Variable {
    let name = raw.split(|&byte| byte == 0).next().unwrap_or_default();
    let blanks = name.iter().take_while(|&&byte| byte == b' ').count();
    let name = name.get(blanks..).unwrap_or_default();

    let end = name.iter().position(|&byte| byte == b'[');
    let (base, brackets) = name.split_at(end.unwrap_or(name.len()));
    if base.is_empty() {
        return Variable::Nameless;
    }
    match nesting(brackets) {
        0 => Variable::Text(mangled(name)),
        1..=MAX_NESTING => Variable::Array(mangled(base)),
        _ => Variable::TooDeep(mangled(base)),
    }
}

/// How many `[…]` in a row `brackets` starts with. Once one is closed, an opening one that stays
/// open counts as a level, since PHP looks at the depth first.
fn nesting(mut brackets: &[u8]) -> usize {
    let mut levels = 0;
    while let Some(inside) = brackets.strip_prefix(b"[") {
        match inside.iter().position(|&byte| byte == b']') {
            Some(close) => brackets = inside.get(close + 1..).unwrap_or_default(),
            None if levels == 0 => return 0,
            None => return levels + 1,
        }
        levels += 1;
    }
    levels
}

fn mangled(name: &[u8]) -> Vec<u8> {
    let allowed = |&byte: &u8| {
        if matches!(byte, b' ' | b'.' | b'[') { b'_' } else { byte }
    };
    name.iter().map(allowed).collect()
}
