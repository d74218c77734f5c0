//! The Joomla versions of an update: a pattern, read as Joomla reads it.
//!
//! Joomla puts `^` before the pattern and looks for it in its own version, `5.3.2`. It is not
//! anchored at the end, and `|` binds loosely: `4|5` is `4` at the start, or `5` anywhere.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use crate::printable::printable;

/// The pattern of a `<targetplatform name="joomla" version="…"/>`.
#[derive(Debug, Clone)]
pub struct TargetPlatform {
    pattern: String,
    /// Shared: each expression has memory of its own to match with.
    regex: Arc<Regex>,
    majors: Vec<u8>,
}

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Joomla's delimiter in the pattern.
    #[error("`{0}` holds a `/`, which Joomla cannot read there")]
    Slash(String),
    /// A blank or a control character, which no version holds.
    #[error("`{0}` holds a blank, which no Joomla version does")]
    Blank(String),
    /// No regular expression, or one with more than Joomla versions need.
    #[error("`{0}` is no pattern for Joomla versions")]
    Syntax(String),
    /// It matches no Joomla there is.
    #[error(
        "`{0}` matches no Joomla version from 3 to 9: it is compared from the start of a version \
         like `5.3.2`"
    )]
    Nothing(String),
    /// An alternative that Joomla looks for anywhere in its version.
    #[error(
        "`{0}` holds a `|` outside of `(` and `)`; Joomla looks for the part behind it anywhere in its version, so that \
         `4|5` means 3.10.5, too"
    )]
    Loose(String),
    /// A version between the brackets that stand for one character.
    #[error("`{0}` holds a `.` between `[` and `]`, which stand for one character")]
    OneCharacter(String),
    /// It is empty, which means every Joomla.
    #[error("it is empty, which means every Joomla")]
    Empty,
}

impl PatternError {
    /// Says what to write instead.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Slash(_) | Self::Blank(_) | Self::Nothing(_) => "write it like `[45]`".into(),
            Self::Syntax(_) => "write it like `[45]`, `5\\.[1-4]` or `(3\\.10|4)`".into(),
            Self::Loose(text) => format!("put it between `(` and `)`, like `({text})`"),
            Self::OneCharacter(_) => "write it like `(3\\.10|4)`".into(),
            Self::Empty => "leave it out, or write `.*`".into(),
        }
    }
}

impl TargetPlatform {
    /// Reads a pattern.
    ///
    /// # Errors
    /// One that Joomla would take for no match at all, silently.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        let wrong = || printable(&pattern.chars().take(LONGEST).collect::<String>());
        if pattern.contains('/') {
            return Err(PatternError::Slash(wrong()));
        }
        if pattern.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err(PatternError::Blank(wrong()));
        }
        // In Joomla's expressions a repetition at the start has no operand; here it would repeat
        // the `^`.
        if pattern.starts_with(['*', '+', '?', '{']) || pattern.len() > LONGEST {
            return Err(PatternError::Syntax(wrong()));
        }
        let regex =
            Regex::new(&format!("^{pattern}")).map_err(|_| PatternError::Syntax(wrong()))?;
        let majors = majors(&regex);
        if majors.is_empty() {
            return Err(PatternError::Nothing(wrong()));
        }
        Ok(Self { pattern: pattern.to_owned(), regex: Arc::new(regex), majors })
    }

    /// Reads a pattern of a settings file: one that Joomla takes for something else than meant is
    /// refused, too. Patterns of manifests are as their makers want them.
    ///
    /// # Errors
    /// One that Joomla would take for no match at all, or for more than meant.
    pub fn configured(pattern: &str) -> Result<Self, PatternError> {
        if pattern.is_empty() {
            return Err(PatternError::Empty);
        }
        let parsed = Self::parse(pattern)?;
        match misread(pattern) {
            Some(error) => Err(error),
            None => Ok(parsed),
        }
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Is this Joomla meant?
    #[must_use]
    pub fn matches(&self, joomla: &str) -> bool {
        self.regex.is_match(joomla)
    }

    /// The major versions of Joomla of which at least one version is meant.
    #[must_use]
    pub fn majors(&self) -> &[u8] {
        &self.majors
    }

    /// The versions of Joomla that are meant, the lowest first, as far as they are looked at.
    pub fn versions(&self) -> impl Iterator<Item = String> {
        versions().filter(|joomla| self.matches(joomla))
    }

    /// Is there a Joomla that both mean?
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self == other || versions().any(|joomla| self.matches(&joomla) && other.matches(&joomla))
    }

    /// Is every Joomla meant that the other means?
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let means = |joomla: String| !other.matches(&joomla) || self.matches(&joomla);
        self == other || versions().all(means)
    }

    /// For people: `Joomla 3, 4`; `all Joomla`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let majors: Vec<_> = self.majors.iter().map(ToString::to_string).collect();
        if majors.len() == JOOMLAS.len() {
            return "all Joomla".into();
        }
        format!("Joomla {}", majors.join(", "))
    }
}

/// Returns the part of a readable pattern that matches more than it seems to.
fn misread(pattern: &str) -> Option<PatternError> {
    let shown = || printable(pattern);
    let (mut depth, mut in_class, mut negated, mut escaped) = (0_u32, false, false, false);
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            ']' => in_class = false,
            '.' if in_class && !negated => return Some(PatternError::OneCharacter(shown())),
            _ if in_class => {}
            '[' => {
                in_class = true;
                negated = letters.peek() == Some(&'^');
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            // An alternative that begins with `^` is held at the start by itself.
            '|' if depth == 0 && letters.peek() != Some(&'^') => {
                return Some(PatternError::Loose(shown()));
            }
            _ => {}
        }
    }
    None
}

fn majors(regex: &Regex) -> Vec<u8> {
    let is_meant = |joomla: &&(u8, u8)| versions_of(**joomla).any(|joomla| regex.is_match(&joomla));
    JOOMLAS.iter().filter(is_meant).map(|(major, _)| *major).collect()
}

/// All versions of Joomla that are looked at.
fn versions() -> impl Iterator<Item = String> {
    JOOMLAS.iter().copied().flat_map(versions_of)
}

fn versions_of((major, minors): (u8, u8)) -> impl Iterator<Item = String> {
    (0..=minors)
        .flat_map(move |minor| (0..=PATCHES).map(move |patch| format!("{major}.{minor}.{patch}")))
}

/// A pattern is a line, no program.
const LONGEST: usize = 500;
/// Major versions and the highest minor one of each, with room for those to come.
const JOOMLAS: &[(u8, u8)] = &[(3, 10), (4, 4), (5, 4), (6, 4), (7, 4), (8, 4), (9, 4)];
/// The highest patch level looked at.
const PATCHES: u8 = 30;

impl PartialEq for TargetPlatform {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for TargetPlatform {}

impl fmt::Display for TargetPlatform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.pattern)
    }
}
