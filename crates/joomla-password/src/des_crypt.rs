//! crypt's two DES kinds: 13 characters, and `_` with 19 more.
//!
//! Called by [`super::stored`] for the Joomla versions that ask PHP's `password_verify` about every
//! hash. Must not import: `stored`.

use std::time::Duration;

use subtle::ConstantTimeEq;

use super::{des::KeySchedule, itoa64, work};

/// A parsed DES hash.
pub(super) struct DesCrypt<'a> {
    key: KeyRule,
    salt: u32,
    count: u32,
    encoded: &'a [u8],
}

/// How the password becomes a key.
#[derive(Clone, Copy)]
enum KeyRule {
    /// Its first eight bytes.
    FirstEight,
    /// All of it, eight bytes after eight.
    All,
}

impl<'a> DesCrypt<'a> {
    /// Reads a whole stored text: two salt characters and eleven of digest, or `_`, four
    /// characters of count (not zero), four of salt and eleven of digest.
    pub(super) fn parse(stored: &'a [u8]) -> Option<Self> {
        let (key, count, rest, salt_len) = match stored.strip_prefix(b"_") {
            Some(rest) => {
                let (count, rest) = rest.split_at_checked(4)?;
                let count = itoa64::number(count).filter(|count| *count > 0)?;
                (KeyRule::All, count, rest, 4)
            }
            None => (KeyRule::FirstEight, 25, stored, 2),
        };
        let (salt, encoded) = rest.split_at_checked(salt_len)?;
        let salt = itoa64::number(salt)?;
        (encoded.len() == 11).then_some(Self { key, salt, count, encoded })
    }

    /// The expected CPU time for a password of this many bytes.
    pub(super) fn work(&self, password_len: usize) -> Duration {
        let folds = match self.key {
            KeyRule::FirstEight => 0,
            KeyRule::All => password_len as u64 / 8,
        };
        work::times(work::DES, u64::from(self.count).saturating_add(folds))
    }

    /// Whether this password, free of NUL bytes, opens this hash.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let mut groups = password.chunks(8).map(seven_bits_each);
        let first = groups.next().unwrap_or(0);
        let key = match self.key {
            KeyRule::FirstEight => first,
            KeyRule::All => {
                groups.fold(first, |key, group| KeySchedule::new(key).encrypt(key, 0, 1) ^ group)
            }
        };
        let block = KeySchedule::new(key).encrypt(0, self.salt, self.count);
        encode(block).ct_eq(self.encoded).into()
    }
}

/// Up to eight bytes as a key; crypt loses the highest bit of each.
fn seven_bits_each(group: &[u8]) -> u64 {
    let mut key = [0; 8];
    for (to, from) in key.iter_mut().zip(group) {
        *to = from << 1;
    }
    u64::from_be_bytes(key)
}

/// The block and two zero bits as eleven characters, most significant first.
fn encode(block: u64) -> [u8; 11] {
    let mut text = [0; 11];
    let mut bits = u128::from(block) << 2;
    for character in text.iter_mut().rev() {
        *character = itoa64::character((bits & 0x3f) as u32);
        bits >>= 6;
    }
    text
}
