//! The letter cases of a text.

/// The ASCII letters that a text can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// None.
    None,
    /// Only lower-case ones.
    Lower,
    /// Only upper-case ones.
    Upper,
    /// Any.
    Mixed,
}

impl LetterCase {
    /// Those of both texts.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, case) | (case, Self::None) => case,
            (one, other) if one == other => one,
            _ => Self::Mixed,
        }
    }

    /// Those of a text that is known.
    pub(super) fn of_text(text: &[u8]) -> Self {
        let case = |byte: &u8| match byte {
            b'a'..=b'z' => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            _ => Self::None,
        };
        text.iter().map(case).fold(Self::None, Self::and)
    }
}
