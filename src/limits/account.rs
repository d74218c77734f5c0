//! An account as somebody typed it, so coarse that no spelling which the database takes for the
//! same name gives another budget.
//!
//! The database compares by its collation, which is not known before it is asked; here a name is
//! folded further than any collation of Joomla's does. Two names that become one share a budget,
//! which does no harm.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// A name or e-mail as limits know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account(String);

impl Account {
    /// Of what was sent; `None`, for what no database could hold, is one account.
    #[must_use]
    pub fn typed(name: Option<&str>) -> Self {
        let marks = CanonicalCombiningClassMapBorrowed::new();
        let plain = DecomposingNormalizerBorrowed::new_nfkd();
        let letters = plain
            .normalize_iter(name.unwrap_or_default().chars())
            .filter(|&letter| marks.get_u8(letter) == 0)
            .flat_map(char::to_lowercase)
            .filter(|&letter| is_compared(letter));
        Self(letters.map(common).collect())
    }
}

/// Blanks, control characters and whatever else may be ignored; `+` since a blank may stand for it.
fn is_compared(letter: char) -> bool {
    if letter.is_ascii() {
        letter.is_ascii_graphic() && letter != '+'
    } else {
        letter.is_alphanumeric()
    }
}

/// Collations take all characters beyond the basic plane for one.
fn common(letter: char) -> char {
    if letter > '\u{FFFF}' { char::REPLACEMENT_CHARACTER } else { letter }
}
