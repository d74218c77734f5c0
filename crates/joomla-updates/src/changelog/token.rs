//! The words of a heading, and their possible meanings by form: a version, a date, a word for
//! either.
//!
//! Called only by `heading`, which judges them together.

use super::dates::{is_day, is_dotted_date, is_month, is_year};

/// A possible meaning of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WordToken {
    /// `1.2.3`; with a `v` before it.
    Version(String, bool),
    /// `2024.05.01`, which may be a version too.
    DottedDate(String, bool),
    /// The second number of `1.2.3/4`, which stands for two versions; whole.
    Also(String),
    /// A day in one word, or a time.
    Date,
    Month,
    Year,
    Number(String),
    /// `Version`, `Release`.
    Label(&'static str),
    /// `beta`, `stable`.
    Stability(String),
    Word(String),
}

/// The words of a heading, each by itself.
pub(super) fn tokens(words: &str) -> Vec<WordToken> {
    let is_gap = |letter: char| letter.is_whitespace() || "()[]{}<>,;|—–―\"“”«»".contains(letter);
    let edge =
        |letter: char| !letter.is_alphanumeric() && letter != '#' && letter != '/' && letter != '%';
    let mut out = Vec::new();
    for piece in words.split(is_gap) {
        let piece = piece.trim_matches(edge);
        match piece.split_once([':', '=']) {
            // `Version:1.2.3`
            Some((word, number)) if word.chars().all(char::is_alphabetic) => {
                out.extend([word, number].map(|part| token(part.trim_matches(edge))));
            }
            _ if piece.is_empty() => {}
            _ => match two_versions(piece) {
                Some((number, also)) => {
                    out.extend([WordToken::Version(number, false), WordToken::Also(also)]);
                }
                None => out.push(token(piece)),
            },
        }
    }
    out
}

fn token(piece: &str) -> WordToken {
    let lower = piece.to_lowercase();
    if let Some(label) = label(&lower) {
        return WordToken::Label(label);
    }
    if is_month(&lower) {
        return WordToken::Month;
    }
    if is_day(&lower) {
        return WordToken::Date;
    }
    if is_stability(&lower) {
        return WordToken::Stability(lower);
    }
    if lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return if is_year(&lower) { WordToken::Year } else { WordToken::Number(lower) };
    }
    if let Some(number) = lower
        .strip_suffix("st")
        .or_else(|| lower.strip_suffix("nd"))
        .or_else(|| lower.strip_suffix("rd"))
        .or_else(|| lower.strip_suffix("th"))
        && number.len() <= 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return WordToken::Number(number.to_owned());
    }
    let (rest, has_v) = without_v(piece);
    match number(rest) {
        Some(number) if is_dotted_date(&number) => {
            // A day before a whole year is a date, whatever stands before it.
            let has_year_last = number.rsplit('.').next().is_some_and(is_year);
            if has_year_last { WordToken::Date } else { WordToken::DottedDate(number, has_v) }
        }
        Some(number) if number.contains('.') || has_v => WordToken::Version(number, has_v),
        _ => WordToken::Word(lower),
    }
}

/// `1.2.3/4` and `1.2.3/1.2.4`: both versions.
fn two_versions(piece: &str) -> Option<(String, String)> {
    let (first, second) = piece.split_once('/')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_number(first) || !is_number(second) || first.split('.').count() < 3 {
        return None;
    }
    let first = number(first)?;
    let second = if second.contains('.') {
        number(second)?
    } else {
        let (family, _) = first.rsplit_once('.')?;
        number(&format!("{family}.{second}"))?
    };
    Some((first, second))
}

fn label(lower: &str) -> Option<&'static str> {
    match lower {
        "version" | "versions" | "ver" | "v" => Some("version"),
        "release" | "released" | "rel" | "date" => Some("release"),
        _ => None,
    }
}

fn is_stability(lower: &str) -> bool {
    let word = lower.trim_end_matches(|letter: char| letter.is_ascii_digit());
    matches!(word, "stable" | "final" | "alpha" | "beta" | "rc" | "dev")
}

/// `v1.2`, `v.1.2`, `ver1.2`, `Version1.2`: the number, and whether a `v` stood there.
fn without_v(piece: &str) -> (&str, bool) {
    let letters = piece.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or_default();
    let (word, rest) = piece.split_at_checked(letters).unwrap_or((piece, ""));
    let is_v = ["v", "ver", "version"].iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_v { (rest.trim_start_matches('.'), true) } else { (piece, false) }
}

/// Reads a version: digits and dots, and behind them a suffix that a manifest may have.
fn number(piece: &str) -> Option<String> {
    let end = piece.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (core, suffix) = piece.split_at_checked(end.unwrap_or(piece.len()))?;
    let is_cut = core.ends_with('.');
    let core = core.trim_end_matches('.');
    let mut parts = core.split('.');
    if core.is_empty() || parts.any(|part| part.is_empty() || part.len() > 10) {
        return None;
    }
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._+~".contains(letter);
    if !suffix.chars().all(is_plain) || suffix.len() > 40 {
        return None;
    }
    let word = suffix.trim_start_matches(['-', '_', '+', '.', '~']);
    if suffix.is_empty() || is_day(&word.to_lowercase()) {
        return Some(core.to_owned());
    }
    let letters: String = word.chars().take_while(char::is_ascii_alphabetic).collect();
    let letters = letters.to_lowercase();
    // `5.x` is a family, `2.4GHz` no version.
    let is_glued = word.len() == suffix.len();
    let is_stage = matches!(
        letters.as_str(),
        "a" | "b" | "c" | "rc" | "alpha" | "beta" | "dev" | "pl" | "p" | "sp" | "post"
    );
    if letters == "x" || ((is_glued || is_cut) && !is_stage) {
        return None;
    }
    Some(piece.to_owned())
}
