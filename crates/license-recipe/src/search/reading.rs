//! How a key may be read as a digest: cut out of it, in chunks, behind or before something else.

use crate::Fact;

use super::field::{Case, Field, FieldOf, quoted};

/// The separators of chunks, or between a digest and another part.
const MARKS: [char; 6] = ['-', '_', ' ', ':', '.', '/'];

/// The shortest part of a digest that is looked for.
pub const SHORTEST: usize = 4;

/// A way to read a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// The digest, or the part of it, without chunks.
    pub(super) body: String,
    /// The lengths of the chunks and their separator.
    chunks: Option<(Vec<usize>, char)>,
    /// The text of a recipe before it.
    before: String,
    /// The text of a recipe behind it.
    behind: String,
}

impl Reading {
    /// All ways to read a key, plainest first.
    pub(super) fn all(key: &str, fields: &[Field], sample: usize) -> Vec<Self> {
        let mut all = whole(key);
        for field in fields {
            let FieldOf::Fact(fact) = field.of() else { continue };
            if matches!(fact, Fact::Hash | Fact::Secret) {
                continue;
            }
            for case in [Case::AsIs, Case::Lower, Case::Upper] {
                let Ok(value) = std::str::from_utf8(field.value(sample, case)) else { continue };
                if value.is_empty() {
                    continue;
                }
                let source = field.source(case);
                if let Some((mark, rest)) = key.strip_prefix(value).map(after_mark) {
                    let before = joined(&source, mark);
                    all.extend(whole(rest).into_iter().map(|reading| reading.before(&before)));
                }
                if let Some((mark, rest)) = key.strip_suffix(value).map(before_mark) {
                    let behind = joined_behind(&source, mark);
                    all.extend(whole(rest).into_iter().map(|reading| reading.behind(&behind)));
                }
            }
        }
        // If the whole key cannot be a digest, a text may stand before or behind it.
        if !whole(key).iter().any(Reading::is_hex) {
            for (at, mark) in key.char_indices().filter(|(_, c)| !c.is_ascii_alphanumeric()) {
                let (text, rest) = key.split_at(at + mark.len_utf8());
                let before = format!("{} . ", quoted(text));
                let readings = whole(rest).into_iter().filter(Reading::is_hex);
                all.extend(readings.map(|reading| reading.before(&before)));
                let (rest, text) = key.split_at(at);
                let behind = format!(" . {}", quoted(text));
                let readings = whole(rest).into_iter().filter(Reading::is_hex);
                all.extend(readings.map(|reading| reading.behind(&behind)));
            }
        }
        all.retain(|reading| reading.body.len() >= SHORTEST);
        let mut distinct: Vec<Self> = Vec::new();
        for reading in all {
            if !distinct.contains(&reading) {
                distinct.push(reading);
            }
        }
        distinct
    }

    /// Whether the body is hexadecimal digits, all in one case.
    pub(super) fn is_hex(&self) -> bool {
        let has = |test: fn(&u8) -> bool| self.body.bytes().any(|byte| test(&byte));
        self.body.len() >= SHORTEST
            && self.body.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
    }

    /// How likely a digest has the body in a certain place by accident.
    pub(super) fn accident(&self) -> f64 {
        let characters = if self.is_hex() { 16.0_f64 } else { 36.0 };
        characters.powi(-i32::try_from(self.body.len()).unwrap_or(i32::MAX))
    }

    /// Returns the ways in which a recipe can read the key out of `text`, the result of `source`.
    /// Simplest first.
    pub(super) fn sources(&self, source: &str, text: &str, backwards: bool) -> Vec<String> {
        let mut sources = Vec::new();
        let reversed: String = text.chars().rev().collect();
        let sides = [(source.to_owned(), text), (format!("strrev({source})"), reversed.as_str())];
        for (source, text) in sides.iter().take(if backwards { 2 } else { 1 }) {
            for case in [Case::AsIs, Case::Upper, Case::Lower] {
                let folded = match case {
                    Case::AsIs => (*text).to_owned(),
                    Case::Upper => text.to_ascii_uppercase(),
                    Case::Lower if text.bytes().all(|byte| !byte.is_ascii_uppercase()) => continue,
                    Case::Lower => text.to_ascii_lowercase(),
                };
                for (at, _) in folded.match_indices(&self.body) {
                    sources.push(self.cut(source, text.len(), at, case));
                }
            }
        }
        sources
    }

    fn cut(&self, source: &str, length: usize, at: usize, case: Case) -> String {
        let size = self.body.len();
        let cased = |source: String| match case {
            Case::AsIs => source,
            Case::Upper => format!("strtoupper({source})"),
            Case::Lower => format!("strtolower({source})"),
        };
        let digits = || cased(part(source, length, at, size));
        let cut = match &self.chunks {
            None => digits(),
            Some((chunks, mark)) => {
                let mark = quoted(&mark.to_string());
                if let Some(chunk) = even(chunks) {
                    format!("rtrim(chunk_split({}, {chunk}, {mark}), {mark})", digits())
                } else {
                    cased(in_chunks(source, at, chunks, &mark))
                }
            }
        };
        format!("{}{cut}{}", self.before, self.behind)
    }

    fn before(mut self, before: &str) -> Self {
        before.clone_into(&mut self.before);
        self
    }

    fn behind(mut self, behind: &str) -> Self {
        behind.clone_into(&mut self.behind);
        self
    }
}

/// A text as it is, and without the marks between its chunks.
fn whole(text: &str) -> Vec<Reading> {
    let plain = |body: String, chunks| Reading {
        body,
        chunks,
        before: String::new(),
        behind: String::new(),
    };
    let mut all = vec![plain(text.to_owned(), None)];
    for mark in MARKS {
        let chunks: Vec<_> = text.split(mark).map(str::len).collect();
        if chunks.len() > 1 && !chunks.contains(&0) {
            all.push(plain(text.replace(mark, ""), Some((chunks, mark))));
        }
    }
    all
}

/// Returns the part of the result of `source`, which has `length` characters.
fn part(source: &str, length: usize, at: usize, size: usize) -> String {
    if size == length {
        source.to_owned()
    } else if at > 0 && at + size == length {
        format!("substr({source}, -{size})")
    } else {
        format!("substr({source}, {at}, {size})")
    }
}

/// Returns chunks of the result of `source`, from `at` on, one after the other.
fn in_chunks(source: &str, at: usize, chunks: &[usize], mark: &str) -> String {
    let mut from = at;
    let mut parts = Vec::new();
    for chunk in chunks {
        parts.push(format!("substr({source}, {from}, {chunk})"));
        from += chunk;
    }
    parts.join(&format!(" . {mark} . "))
}

/// The length of all chunks but the last, which may be shorter.
fn even(chunks: &[usize]) -> Option<usize> {
    let (last, others) = chunks.split_last()?;
    let first = *others.first()?;
    (others.iter().all(|chunk| *chunk == first) && *last <= first).then_some(first)
}

fn after_mark(rest: &str) -> (Option<char>, &str) {
    match rest.chars().next().filter(|mark| MARKS.contains(mark)) {
        Some(mark) => (Some(mark), rest.get(mark.len_utf8()..).unwrap_or_default()),
        None => (None, rest),
    }
}

fn before_mark(rest: &str) -> (Option<char>, &str) {
    match rest.chars().next_back().filter(|mark| MARKS.contains(mark)) {
        Some(mark) => (Some(mark), rest.get(..rest.len() - mark.len_utf8()).unwrap_or_default()),
        None => (None, rest),
    }
}

fn joined(source: &str, mark: Option<char>) -> String {
    match mark {
        Some(mark) => format!("{source} . {} . ", quoted(&mark.to_string())),
        None => format!("{source} . "),
    }
}

fn joined_behind(source: &str, mark: Option<char>) -> String {
    match mark {
        Some(mark) => format!(" . {} . {source}", quoted(&mark.to_string())),
        None => format!(" . {source}"),
    }
}
