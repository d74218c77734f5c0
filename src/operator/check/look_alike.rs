//! Letters of other alphabets that look like Latin ones.
//!
//! The database finds the addresses that its collation takes for equal. This file finds those that
//! only people take for equal.

/// Cyrillic and Greek letters with the Latin ones they look like.
const LOOK_ALIKES: [(char, char); 35] = [
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ғ', 'f'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('м', 'm'),
    ('о', 'o'),
    ('р', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('у', 'y'),
    ('ѵ', 'v'),
    ('ԝ', 'w'),
    ('х', 'x'),
    ('α', 'a'),
    ('β', 'b'),
    ('ε', 'e'),
    ('η', 'n'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('ω', 'w'),
];

/// Returns the address with Latin letters in place of those that look like them; `None` if it has no
/// such letters.
pub(super) fn latin(email: &str) -> Option<String> {
    let lower = email.to_lowercase();
    let latin: String = lower
        .chars()
        .map(|letter| {
            LOOK_ALIKES.iter().find(|(other, _)| *other == letter).map_or(letter, |(_, own)| *own)
        })
        .collect();
    (latin != lower).then_some(latin)
}

#[cfg(test)]
mod tests {
    use super::latin;

    #[test]
    fn cyrillic_and_greek_letters_are_found() {
        assert_eq!(latin("аlice@example.com").as_deref(), Some("alice@example.com"));
        assert_eq!(latin("ΑLICE@exαmple.com").as_deref(), Some("alice@example.com"));
        assert_eq!(latin("josé@example.com"), None);
    }
}
