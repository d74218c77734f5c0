//! The base-64 of the crypt family: alphabet `./0-9A-Za-z`, no padding.
//!
//! Called by the phpass, MD5-crypt, SHA-crypt and DES kinds. Must not import: `md5_crypt`,
//! `sha_crypt`.

/// The 64 characters in the order of their values.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The value (0..=63) of one character, or `None` for a foreign one.
pub(super) fn value(character: u8) -> Option<u32> {
    match character {
        b'.' | b'/' => Some(u32::from(character - b'.')),
        b'0'..=b'9' => Some(u32::from(character - b'0') + 2),
        b'A'..=b'Z' => Some(u32::from(character - b'A') + 12),
        b'a'..=b'z' => Some(u32::from(character - b'a') + 38),
        _ => None,
    }
}

/// The number a text stands for, least significant character first.
///
/// `None` when a character is foreign or the text has more than five characters.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    if text.len() > 5 {
        return None;
    }
    text.iter().rev().try_fold(0, |number, &character| Some(number << 6 | value(character)?))
}

/// Encodes the bytes of `digest` in the given order.
///
/// Three bytes, the first the most significant, make four characters, the least
/// significant first; a last group of two or one makes three or two.
pub(super) fn encode(digest: &[u8], order: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(order.len().div_ceil(3) * 4);
    for group in order.chunks(3) {
        let mut bits = group
            .iter()
            .filter_map(|&index| digest.get(usize::from(index)))
            .fold(0, |bits, &byte| bits << 8 | u32::from(byte));
        for _ in 0..=group.len() {
            text.push(character(bits));
            bits >>= 6;
        }
    }
    text
}

/// The character of the lowest six bits.
pub(super) fn character(bits: u32) -> u8 {
    ALPHABET.get((bits & 0x3f) as usize).copied().unwrap_or_default()
}

/// Splits `salt$digest` at the first `$`; `None` without one, or when the salt is
/// longer than `max_salt` (crypt cuts such a salt, so its answer never equals the text).
pub(super) fn salt_and_digest(text: &[u8], max_salt: usize) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b'$')?;
    let (salt, rest) = text.split_at_checked(end)?;
    (salt.len() <= max_salt).then_some((salt, rest.get(1..)?))
}
