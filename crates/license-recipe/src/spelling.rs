//! The table of other spellings: the meaning of `$user->email` in a site's recipe.
//!
//! Matched by `lexer` and `quoted`. Holds no value, only which known name or function a text stands
//! for.

use php_compat::expression::{continues_name, name_length, starts_name};

use super::ast::Fact;
use super::functions::{Builtin, SIGNATURES};

/// The longest spelling, in bytes.
const MAX_SPELLING: usize = 256;

/// Other spellings of names and functions, each a text that is matched as it is written.
///
/// Longer texts win over shorter ones, and a text that ends in a letter, digit or `_` does not
/// match the start of a longer word. There is no match inside single quotes.
#[derive(Debug, Clone, Default)]
pub struct Spellings {
    /// Longest first.
    entries: Vec<(String, Target)>,
}

/// The meaning of a spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Name(Fact),
    Function(Builtin),
}

/// Why an entry of the table was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpellingError {
    /// The text could stand for something else as well.
    #[error(
        "spelling `{0}` cannot be used: write the PHP text as it stands in the plugin, starting \
         with `$`, `\\`, `_` or a letter, at most {MAX_SPELLING} bytes"
    )]
    Text(String),
    /// The meaning is neither a known name nor a known function.
    #[error(
        "spelling `{text}` stands for `{meaning}`, which is not known{}: use {} or a function",
        likely.map_or_else(String::new, |likely| format!(" (did you mean `{likely}`?)")),
        super::digest::listed(Fact::NAMES)
    )]
    Meaning {
        /// The spelling.
        text: String,
        /// Its configured meaning.
        meaning: String,
        /// The probable meaning.
        likely: Option<&'static str>,
    },
}

impl Spellings {
    /// Takes pairs of a text and the known name (with or without `$`) or function it stands for.
    pub fn new<T, M>(pairs: impl IntoIterator<Item = (T, M)>) -> Result<Self, SpellingError>
    where
        T: AsRef<str>,
        M: AsRef<str>,
    {
        let mut entries = Vec::new();
        for (text, meaning) in pairs {
            let text = text.as_ref().trim();
            if !is_usable(text) {
                return Err(SpellingError::Text(text.chars().take(MAX_SPELLING).collect()));
            }
            entries.push((text.to_owned(), target(text, meaning.as_ref().trim())?));
        }
        entries.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Ok(Self { entries })
    }

    /// Returns the longest spelling at the start of `source`: its meaning and its length in bytes.
    pub(super) fn at_start(&self, source: &str) -> Option<(Target, usize)> {
        self.matching(source, |_| true)
    }

    /// As [`Spellings::at_start`], inside double quotes without braces, in which PHP looks no
    /// further than one `->name` or one `[…]` without quotes.
    pub(super) fn at_start_simple(&self, source: &str) -> Option<(Target, usize)> {
        self.matching(source, is_simple)
    }

    fn matching(&self, source: &str, allowed: fn(&str) -> bool) -> Option<(Target, usize)> {
        self.entries
            .iter()
            .find(|(text, _)| {
                source.strip_prefix(text.as_str()).is_some_and(|rest| {
                    let joined = text.bytes().last().is_some_and(continues_name)
                        && rest.bytes().next().is_some_and(continues_name);
                    !joined && allowed(text)
                })
            })
            .map(|(text, target)| (*target, text.len()))
    }
}

/// The known text closest to `written`, if one is close enough to be meant.
pub(super) fn likely(
    written: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    let written = written.to_ascii_lowercase();
    known
        .into_iter()
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&written, &known.to_ascii_lowercase());
            (distance, known)
        })
        .filter(|&(distance, known)| distance <= (known.len() / 3).max(1))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, known)| known)
}

fn is_usable(text: &str) -> bool {
    let rest = text.trim_start_matches(['$', '\\']);
    text.len() <= MAX_SPELLING && rest.bytes().next().is_some_and(starts_name)
}

fn target(text: &str, meaning: &str) -> Result<Target, SpellingError> {
    let name = meaning.strip_prefix('$').unwrap_or(meaning);
    let function = || Builtin::find(meaning).map(Target::Function);
    Fact::find(name).map(Target::Name).or_else(function).ok_or_else(|| {
        let functions = SIGNATURES.iter().map(|signature| signature.name);
        SpellingError::Meaning {
            text: text.to_owned(),
            meaning: meaning.to_owned(),
            likely: likely(name, Fact::NAMES.iter().copied().chain(functions)),
        }
    })
}

/// `$a`, `$a->b`, `$a[b]`, `$a[1]` or `$a[$b]`.
fn is_simple(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else {
        return false;
    };
    let rest = rest.get(name_length(rest.as_bytes())..).unwrap_or_default();
    if let Some(property) = rest.strip_prefix("->") {
        return name_length(property.as_bytes()) == property.len();
    }
    match rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(key) => key.strip_prefix('$').unwrap_or(key).bytes().all(continues_name),
        None => rest.is_empty(),
    }
}
