//! The version a heading names: `1.2.3` of `[1.2.3] - 2026-01-31`, `v1.2.3`, `Version 1.2.3 (beta)`
//! and `Example 1.2.3`. A date is never one.
//!
//! Called by `markdown` for every line that may be a heading, with the words alone: marks of
//! Markdown are gone; `token` tells what each word is. Must not import: `line`.

use super::kinds;
use super::token::{WordToken, tokens};

/// What a heading names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A version.
    Version(HeadingVersion),
    /// A day, a month or a year, and nothing else.
    Date,
    /// Anything else.
    Other,
}

/// A version in a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeadingVersion {
    /// The number, as a manifest has it.
    pub(super) number: String,
    /// The second version of `1.2.3/4`.
    pub(super) also: Option<String>,
    /// Words stand before it: the extension's name.
    pub(super) has_name: bool,
    /// Dates and words like `stable` alone stand behind it.
    pub(super) is_alone: bool,
    /// A word like `Changelog` stands in it: a title.
    pub(super) is_title: bool,
}

/// Names a heading may have of its own before a version.
const MOST_NAME_WORDS: usize = 6;
/// Words after which a number is no version of the extension.
const FOREIGN: [&str; 31] = [
    "php",
    "mysql",
    "mariadb",
    "postgresql",
    "wordpress",
    "jquery",
    "bootstrap",
    "requires",
    "require",
    "required",
    "requirements",
    "minimum",
    "needs",
    "from",
    "to",
    "since",
    "until",
    "before",
    "after",
    "with",
    "support",
    "supports",
    "compatible",
    "tested",
    // From and until, in other languages.
    "ab",
    "seit",
    "bis",
    "desde",
    "hasta",
    "depuis",
    "dal",
];
const TITLES: [&str; 5] = ["changelog", "changelogs", "log", "history", "notes"];

/// What these words name.
pub(super) fn read(words: &str) -> Named {
    let tokens = tokens(words);
    if tokens.is_empty() {
        return Named::Other;
    }
    let is_date = |token: &WordToken| {
        matches!(
            token,
            WordToken::Date | WordToken::DottedDate(..) | WordToken::Month | WordToken::Year
        )
    };
    if let Some(found) = version(&tokens) {
        return Named::Version(found);
    }
    let of_a_date = |token: &WordToken| {
        is_date(token) || matches!(token, WordToken::Number(_) | WordToken::Label("release"))
    };
    if tokens.iter().any(is_date) && tokens.iter().all(of_a_date) {
        return Named::Date;
    }
    Named::Other
}

fn version(tokens: &[WordToken]) -> Option<HeadingVersion> {
    let mut name: Vec<&str> = Vec::new();
    let mut label = None;
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let is_dated =
            rest.first().is_some_and(|next| matches!(next, WordToken::Date | WordToken::Month));
        let number = match token {
            WordToken::Version(number, _) => Some(number),
            WordToken::DottedDate(number, has_v) => {
                let is_version = *has_v || label == Some("version") || (at == 0 && is_dated);
                is_version.then_some(number)
            }
            // A number without dots is one where nothing else can be meant.
            WordToken::Number(number) => {
                let is_alone = tokens.len() == 1 || (at == 0 && matches!(rest, [WordToken::Date]));
                (label == Some("version") || is_alone).then_some(number)
            }
            _ => None,
        };
        if let Some(number) = number {
            let has_v =
                matches!(token, WordToken::Version(_, true) | WordToken::DottedDate(_, true));
            let is_led = has_v || label.is_some() || name.last() == Some(&"in");
            return is_own(&name, is_led).then(|| found(number, &name, rest));
        }
        label = if let WordToken::Label(label) = token { Some(label) } else { None };
        if let WordToken::Word(word) = token {
            name.push(word);
        }
    }
    None
}

/// Do these words before a version name the extension?
fn is_own(name: &[&str], is_led: bool) -> bool {
    let says_kind = name.iter().any(|word| kinds::is_word(word));
    let is_title = name.iter().any(|word| TITLES.contains(word));
    name.len() <= MOST_NAME_WORDS
        && !name.iter().any(|word| FOREIGN.contains(word))
        && !matches!(name, ["joomla"] | ["for" | "on", ..])
        && (!says_kind || is_led || is_title)
}

fn found(number: &str, name: &[&str], rest: &[WordToken]) -> HeadingVersion {
    let mut number = number.to_owned();
    // `1.0 Beta 2` is 1.0-beta2 in a manifest, where no blank may stand.
    if let Some(WordToken::Stability(word)) = rest.first()
        && !matches!(word.as_str(), "stable" | "final")
        && number.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
    {
        number = format!("{number}-{word}");
        if let Some(WordToken::Number(which)) = rest.get(1) {
            number.push_str(which);
        }
    }
    let also = match rest.first() {
        Some(WordToken::Also(also)) => Some(also.clone()),
        _ => None,
    };
    let says_nothing = |token: &WordToken| match token {
        WordToken::Word(word) => matches!(word.as_str(), "build" | "of" | "by" | "on"),
        WordToken::Version(..) => false,
        _ => true,
    };
    HeadingVersion {
        number,
        also,
        has_name: !name.is_empty(),
        is_alone: rest.iter().all(says_nothing),
        is_title: name.iter().any(|word| TITLES.contains(word)),
    }
}
