//! An account as a client typed it, folded so far that all spellings of one name share a budget.
//!
//! The database compares names by its collation, which is not known before a query. So a name is
//! folded as far as any collation of Joomla's does. If two different names fold to the same text,
//! they share a budget, which does no harm. Names of ASCII letters, and so all common e-mail
//! addresses, are folded exactly (a test compares every character with MariaDB). In other scripts,
//! some letters that are equal for a collation count as different, for example those of the two
//! kana. Therefore failed logins also count for the account that is found.

mod letters;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// A folded name or e-mail address, as the key of a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountName(String);

impl AccountName {
    /// Folds the name that was sent. `None`, a name that no database can hold, is one account.
    #[must_use]
    pub fn typed(name: Option<&str>) -> Self {
        let mut folded = Folded(String::new());
        let plain = DecomposingNormalizerBorrowed::new_nfkd();
        for letter in plain.normalize_iter(name.unwrap_or_default().chars()) {
            folded.add(letter);
        }
        Self(folded.0)
    }

    /// Returns the folded name.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.0
    }
}

struct Folded(String);

impl Folded {
    fn add(&mut self, letter: char) {
        if let Some(text) = letters::ascii(letter) {
            self.text(&text);
        } else if !is(GeneralCategoryGroup::Mark, letter) {
            for lower in letter.to_lowercase() {
                match letters::ascii(lower) {
                    Some(text) => self.text(&text),
                    None => self.plain(lower),
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            self.plain(letter);
        }
    }

    fn plain(&mut self, letter: char) {
        if letter.is_ascii() {
            // A blank may stand for `+`. Some collations compare `ß` as one `s`, others as two.
            let skipped = letter == '+' || letter == 's' && self.0.ends_with('s');
            if letter.is_ascii_graphic() && !skipped {
                self.0.push(letter);
            }
        } else if letter > '\u{FFFF}' {
            // Collations treat all characters beyond the basic plane as equal.
            self.0.push(char::REPLACEMENT_CHARACTER);
        } else if is(GeneralCategoryGroup::Letter, letter)
            || is(GeneralCategoryGroup::Number, letter)
        {
            self.0.push(letter);
        }
    }
}

fn is(group: GeneralCategoryGroup, letter: char) -> bool {
    group.contains(CodePointMapData::<GeneralCategory>::new().get(letter))
}
