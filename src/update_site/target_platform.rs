//! For which Joomla versions an update is: a pattern, read as Joomla reads it.
//!
//! Joomla puts `^` before the pattern and looks for it in its own version, `5.3.2`. Nothing holds it
//! at the end, and `|` binds loosely: `4|5` is `4` at the start, or `5` anywhere.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use crate::mask::printable;

/// The pattern of a `<targetplatform name="joomla" version="…"/>`.
#[derive(Debug, Clone)]
pub struct TargetPlatform {
    pattern: String,
    /// Shared: each expression has memory of its own to match with.
    regex: Arc<Regex>,
    majors: Vec<u8>,
}

/// Why a text is no pattern. The messages are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Joomla's delimiter in the pattern.
    #[error("`{0}` holds a `/`, which Joomla cannot read there: write it like `[45]`")]
    Slash(String),
    /// A blank or a control character, which no version holds.
    #[error("`{0}` holds a blank, which no Joomla version does: write it like `[45]`")]
    Blank(String),
    /// No regular expression, or one with more than Joomla versions need.
    #[error(
        "`{0}` is no pattern for Joomla versions: write it like `[45]`, `5\\.[1-4]` or `(3\\.10|4)`"
    )]
    Syntax(String),
    /// It matches no Joomla there is.
    #[error(
        "`{0}` matches no Joomla version from 3 to 9: it is compared from the start of a version \
         like `5.3.2`; write it like `[45]`"
    )]
    Nothing(String),
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
        // Joomla's expressions know nothing to repeat at the start; those here would take the `^`.
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
