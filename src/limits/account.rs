//! An account as somebody typed it, so coarse that no spelling which the database takes for the
//! same name gives another budget.
//!
//! The database compares by its collation, which is not known before it is asked; here a name is
//! folded as far as any collation of Joomla's does. Two names that become one share a budget, which
//! does no harm. Names of ASCII letters, and so all common e-mails, are folded to the letter (a test
//! asks MariaDB about every character); in other scripts some letters that a collation takes for
//! one, as those of the two kana, count as two. So failed logins count for the account that is found
//! as well.

mod letters;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

/// A name or e-mail as limits know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountName(String);

impl AccountName {
    /// Of what was sent; `None`, for what no database could hold, is one account.
    #[must_use]
    pub fn typed(name: Option<&str>) -> Self {
        let mut folded = Folded(String::new());
        let plain = DecomposingNormalizerBorrowed::new_nfkd();
        for letter in plain.normalize_iter(name.unwrap_or_default().chars()) {
            folded.add(letter);
        }
        Self(folded.0)
    }

    /// The name as folded.
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
            // A blank may stand for `+`; `ß` is one `s` to some collations and two to others.
            let skipped = letter == '+' || letter == 's' && self.0.ends_with('s');
            if letter.is_ascii_graphic() && !skipped {
                self.0.push(letter);
            }
        } else if letter > '\u{FFFF}' {
            // Collations take all characters beyond the basic plane for one.
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
