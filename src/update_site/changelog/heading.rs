//! The version a heading names: `1.2.3` of `[1.2.3] - 2026-01-31`, `v1.2.3`, `Version 1.2.3 (beta)`
//! and `ReDJ 1.2.3`. A date is never one.
//!
//! Called by `markdown` for every line that may be a heading, with the words alone: marks of Markdown
//! are gone. It must not know where a heading stands.

/// What a heading names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A version.
    Version(Found),
    /// A day, a month or a year, and nothing else.
    Date,
    /// Anything else.
    Other,
}

/// A version in a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The number, as a manifest has it.
    pub(super) number: String,
    /// Words stand before it: the extension's name.
    pub(super) has_name: bool,
    /// Dates and words like `stable` alone stand behind it.
    pub(super) is_alone: bool,
    /// A word like `Changelog` stands in it: a title.
    pub(super) is_title: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `1.2.3`; with a `v` before it.
    Version(String, bool),
    /// `2024.05.01`, which may be a version too.
    DottedDate(String, bool),
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

/// Names a heading may have of its own before a version.
const MOST_NAME_WORDS: usize = 6;
/// Words after which a number is no version of the extension.
const FOREIGN: [&str; 24] = [
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
];
const TITLES: [&str; 5] = ["changelog", "changelogs", "log", "history", "notes"];

/// What these words name.
pub(super) fn read(words: &str) -> Named {
    let tokens = tokens(words);
    if tokens.is_empty() {
        return Named::Other;
    }
    let is_date = |token: &Token| {
        matches!(token, Token::Date | Token::DottedDate(..) | Token::Month | Token::Year)
    };
    if let Some(found) = version(&tokens) {
        return Named::Version(found);
    }
    let of_a_date = |token: &Token| {
        is_date(token) || matches!(token, Token::Number(_) | Token::Label("release"))
    };
    if tokens.iter().any(is_date) && tokens.iter().all(of_a_date) {
        return Named::Date;
    }
    Named::Other
}

fn version(tokens: &[Token]) -> Option<Found> {
    let mut name: Vec<&str> = Vec::new();
    let mut label = None;
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let is_dated = rest.first().is_some_and(|next| matches!(next, Token::Date | Token::Month));
        let number = match token {
            Token::Version(number, _) => Some(number),
            Token::DottedDate(number, has_v) => {
                let is_version = *has_v || label == Some("version") || (at == 0 && is_dated);
                is_version.then_some(number)
            }
            // A number without dots is one where nothing else can be meant.
            Token::Number(number) => {
                let is_alone = tokens.len() == 1 || (at == 0 && matches!(rest, [Token::Date]));
                (label == Some("version") || is_alone).then_some(number)
            }
            _ => None,
        };
        if let Some(number) = number {
            let has_v = matches!(token, Token::Version(_, true) | Token::DottedDate(_, true));
            let is_led = has_v || label.is_some() || name.last() == Some(&"in");
            return is_own(&name, is_led).then(|| found(number, &name, rest));
        }
        label = if let Token::Label(label) = token { Some(label) } else { None };
        if let Token::Word(word) = token {
            name.push(word);
        }
    }
    None
}

/// Do these words before a version name the extension?
fn is_own(name: &[&str], is_led: bool) -> bool {
    let says_kind = name.iter().any(|word| super::kinds::of_word(word).is_some());
    let is_title = name.iter().any(|word| TITLES.contains(word));
    name.len() <= MOST_NAME_WORDS
        && !name.iter().any(|word| FOREIGN.contains(word))
        && !matches!(name, ["joomla"] | ["for" | "on", ..])
        && (!says_kind || is_led || is_title)
}

fn found(number: &str, name: &[&str], rest: &[Token]) -> Found {
    let mut number = number.to_owned();
    // `1.0 Beta 2` is 1.0-beta2 in a manifest, where no blank may stand.
    if let Some(Token::Stability(word)) = rest.first()
        && !matches!(word.as_str(), "stable" | "final")
        && number.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
    {
        number = format!("{number}-{word}");
        if let Some(Token::Number(which)) = rest.get(1) {
            number.push_str(which);
        }
    }
    let says_nothing = |token: &Token| match token {
        Token::Word(word) => matches!(word.as_str(), "build" | "of" | "by" | "on"),
        Token::Version(..) => false,
        _ => true,
    };
    Found {
        number,
        has_name: !name.is_empty(),
        is_alone: rest.iter().all(says_nothing),
        is_title: name.iter().any(|word| TITLES.contains(word)),
    }
}

fn tokens(words: &str) -> Vec<Token> {
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
            _ => out.push(token(piece)),
        }
    }
    out
}

fn token(piece: &str) -> Token {
    let lower = piece.to_lowercase();
    if let Some(label) = label(&lower) {
        return Token::Label(label);
    }
    if is_month(&lower) {
        return Token::Month;
    }
    if is_day(&lower) {
        return Token::Date;
    }
    if is_stability(&lower) {
        return Token::Stability(lower);
    }
    if lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return if is_year(&lower) { Token::Year } else { Token::Number(lower) };
    }
    if let Some(number) = lower
        .strip_suffix("st")
        .or_else(|| lower.strip_suffix("nd"))
        .or_else(|| lower.strip_suffix("rd"))
        .or_else(|| lower.strip_suffix("th"))
        && number.len() <= 2
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Token::Number(number.to_owned());
    }
    let (rest, has_v) = without_v(piece);
    match number(rest) {
        Some(number) if is_dotted_date(&number) => {
            // A day first is a date, whatever stands before it.
            let is_year_first = number.split('.').next().is_some_and(is_year);
            if is_year_first { Token::DottedDate(number, has_v) } else { Token::Date }
        }
        Some(number) if number.contains('.') || has_v => Token::Version(number, has_v),
        _ => Token::Word(lower),
    }
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

/// A version: digits and dots, and behind them what a manifest may have.
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

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))
}

/// `2024.05.01`, `1.5.2024` and `01.05.24`.
fn is_dotted_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split('.').collect();
    let [first, second, third] = parts.as_slice() else { return false };
    let value = |part: &str| part.parse::<u32>().unwrap_or(u32::MAX);
    let is = |month: &str, day: &str| {
        month.len() <= 2
            && day.len() <= 2
            && (1..=12).contains(&value(month))
            && (1..=31).contains(&value(day))
    };
    let are_padded =
        parts.iter().all(|part| part.len() == 2) && parts.iter().any(|part| part.starts_with('0'));
    if is_year(first) {
        is(second, third)
    } else if is_year(third) || are_padded {
        is(second, first) || is(first, second)
    } else {
        false
    }
}

/// A day in one word without dots, or a time: `2024-05-01`, `07/23/2025`, `9-Sep-2008`, `20240501`,
/// `2024-05-01T10:00:00`, `15:55:22`, `2024-05`, `2019-xx-xx`.
fn is_day(lower: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x')
    };
    if lower.len() == 8 && (lower.starts_with("19") || lower.starts_with("20")) {
        return lower.bytes().all(|byte| byte.is_ascii_digit());
    }
    let clock: Vec<&str> = lower.split(':').collect();
    if clock.len() > 1 && clock.iter().all(|part| is_number(part) && part.len() <= 2) {
        return true;
    }
    let day =
        lower.split_once('t').filter(|(day, _)| day.len() == 10).map_or(lower, |(day, _)| day);
    for mark in ['-', '/'] {
        let parts: Vec<&str> = day.split(mark).collect();
        let has_year = parts.iter().any(|part| is_year(part));
        let are_days = parts.iter().all(|part| is_number(part) || is_month(part));
        if (2..=3).contains(&parts.len())
            && are_days
            && parts.iter().all(|part| part.len() <= 4 || is_month(part))
            && (has_year || parts.len() == 3)
        {
            return true;
        }
    }
    false
}

fn is_month(lower: &str) -> bool {
    /// English, and what German, French, Spanish, Italian and Dutch write otherwise.
    const MONTHS: [&str; 63] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "okt",
        "dez",
        "janvier",
        "février",
        "mars",
        "avril",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
        "gennaio",
        "febbraio",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
    ];
    MONTHS.contains(&lower)
}
