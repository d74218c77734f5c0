//! The readings of a key as they appear in a raw digest, so that millions can be compared fast.
//!
//! A needle that is found only says that a closer look is worth while; a key that can be read out
//! of a digest is always found.

use super::reading::Reading;

/// The needles of a search.
pub(super) struct Needles {
    hex: Vec<HexNeedle>,
    text: Vec<TextNeedle>,
    numbers: Vec<u32>,
}

/// Hexadecimal digits that start at the first digit of a byte, and at its second.
struct HexNeedle {
    length: usize,
    even: Packed,
    odd: Packed,
}

/// Digits as bytes, with a lone digit in front of them, behind them, or both.
struct Packed {
    front: Option<u8>,
    bytes: Vec<u8>,
    behind: Option<u8>,
}

struct TextNeedle {
    text: Vec<u8>,
    any_case: bool,
}

impl Needles {
    pub(super) fn new(readings: &[Reading], backwards: bool) -> Self {
        let mut needles = Self { hex: Vec::new(), text: Vec::new(), numbers: Vec::new() };
        for reading in readings {
            let body = reading.body.as_bytes();
            if reading.is_hex() {
                let digits: Vec<u8> = reading
                    .body
                    .chars()
                    .filter_map(|digit| {
                        digit.to_digit(16).and_then(|value| u8::try_from(value).ok())
                    })
                    .collect();
                needles.hex.push(HexNeedle::new(&digits));
                if backwards {
                    needles.hex.push(HexNeedle::new(&digits.into_iter().rev().collect::<Vec<_>>()));
                }
            } else if body.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
            {
                let has = |test: fn(&u8) -> bool| body.iter().any(test);
                let any_case = !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase));
                needles.text.push(TextNeedle { text: body.to_vec(), any_case });
                if backwards {
                    let text = body.iter().rev().copied().collect();
                    needles.text.push(TextNeedle { text, any_case });
                }
            }
            if let Ok(number) = reading.body.parse::<u32>()
                && number.to_string() == reading.body
            {
                needles.numbers.push(number);
            }
        }
        needles
    }

    /// Whether a digest can hold any of the readings at all.
    pub(super) fn is_empty(&self) -> bool {
        self.hex.is_empty() && self.text.is_empty() && self.numbers.is_empty()
    }

    pub(super) fn shortest_hex(&self) -> Option<usize> {
        self.hex.iter().map(|needle| needle.length).min()
    }

    pub(super) fn shortest_text(&self) -> Option<usize> {
        self.text.iter().map(|needle| needle.text.len()).min()
    }

    pub(super) fn has_number(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Whether one of them is in the hexadecimal digits of these bytes.
    pub(super) fn in_hex(&self, raw: &[u8]) -> bool {
        self.hex.iter().any(|needle| {
            needle.length <= raw.len() * 2 && (needle.even.is_in(raw) || needle.odd.is_in(raw))
        })
    }

    /// Whether one of them is in a text.
    pub(super) fn in_text(&self, text: &[u8]) -> bool {
        self.text.iter().any(|needle| {
            let mut windows = text.windows(needle.text.len());
            if needle.any_case {
                windows.any(|window| window.eq_ignore_ascii_case(&needle.text))
            } else {
                windows.any(|window| window == needle.text)
            }
        })
    }

    /// Whether one of them is the number that these four bytes are.
    pub(super) fn is_number(&self, raw: &[u8]) -> bool {
        <[u8; 4]>::try_from(raw).is_ok_and(|raw| self.numbers.contains(&u32::from_be_bytes(raw)))
    }
}

impl HexNeedle {
    fn new(digits: &[u8]) -> Self {
        let (front, rest) =
            digits.split_first().map_or((None, digits), |(f, rest)| (Some(*f), rest));
        Self {
            length: digits.len(),
            even: Packed::new(None, digits),
            odd: Packed::new(front, rest),
        }
    }
}

impl Packed {
    fn new(front: Option<u8>, digits: &[u8]) -> Self {
        let (pairs, behind) = digits.as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        Self { front, bytes, behind: behind.first().copied() }
    }

    fn is_in(&self, raw: &[u8]) -> bool {
        let Some(first) = self.bytes.first() else { return true };
        let lone = usize::from(self.front.is_some());
        let starts = raw.iter().enumerate().skip(lone).filter(|(_, byte)| *byte == first);
        starts.map(|(at, _)| at).any(|at| self.is_at(raw, at))
    }

    fn is_at(&self, raw: &[u8], at: usize) -> bool {
        let before = || at.checked_sub(1).and_then(|before| raw.get(before));
        let behind = || raw.get(at + self.bytes.len());
        raw.get(at..).is_some_and(|rest| rest.starts_with(&self.bytes))
            && self.front.is_none_or(|digit| before().is_some_and(|byte| byte & 0xf == digit))
            && self.behind.is_none_or(|digit| behind().is_some_and(|byte| byte >> 4 == digit))
    }
}
