//! bcrypt as PHP 8.2 has it: `$2y$`, `$2b$`, `$2a$` and the broken `$2x$`.
//!
//! Called by [`super::stored`] and by [`super::decoy`]. Must not import: `Rules`.

use std::time::Duration;

use ::bcrypt::bcrypt as eksblowfish;
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use blowfish::Blowfish;
use subtle::ConstantTimeEq;

use super::work;

/// The bytes of a password that count; also the size of Blowfish's expanded key.
const KEY_LEN: usize = 72;

/// bcrypt's own base 64. It refuses spare bits that are set, as PHP does for the last
/// characters of salt and digest.
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

/// A parsed bcrypt hash.
pub(super) struct Bcrypt {
    flavour: Flavour,
    cost: u32,
    salt: [u8; 16],
    digest: [u8; 23],
}

/// How the password becomes the key.
#[derive(Clone, Copy)]
enum Flavour {
    /// `$2y$` and `$2b$`.
    Sound,
    /// `$2a$`: like the sound ones, but for a guard on keys that collide in `$2x$`.
    Guarded,
    /// `$2x$`: bytes from 0x80 on spoil the ones before them.
    SignExtended,
}

impl Bcrypt {
    /// Reads a whole stored text: 60 characters, a cost from `04` to `31`.
    pub(super) fn parse(stored: &[u8]) -> Option<Self> {
        let (head, encoded) = stored.split_at_checked(7)?;
        let [b'$', b'2', flavour, b'$', tens, units, b'$'] = head else {
            return None;
        };
        let flavour = match flavour {
            b'y' | b'b' => Flavour::Sound,
            b'a' => Flavour::Guarded,
            b'x' => Flavour::SignExtended,
            _ => return None,
        };
        let cost = (*tens as char).to_digit(10)? * 10 + (*units as char).to_digit(10)?;
        let (salt, digest) = encoded.split_at_checked(22)?;
        (4..=31).contains(&cost).then_some(Self {
            flavour,
            cost,
            salt: decode(salt)?,
            digest: decode(digest)?,
        })
    }

    /// The binary logarithm of the number of rounds, 4..=31.
    pub(super) fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether the password opens this hash: up to its first NUL, 72 bytes at most.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let key = expanded_key(password);
        let computed = match self.flavour {
            Flavour::SignExtended => eksblowfish(self.cost, self.salt, &sign_extended(&key)),
            Flavour::Guarded if needs_guard(&key) => guarded(self.cost, &self.salt, &key),
            Flavour::Sound | Flavour::Guarded => eksblowfish(self.cost, self.salt, &key),
        };
        // The 24th byte is never stored.
        let (computed, _) = computed.split_at(23);
        computed.ct_eq(&self.digest).into()
    }
}

/// The expected CPU time for a cost; the password's length does not change it.
pub(super) fn work(cost: u32) -> Duration {
    work::times(work::BCRYPT_ROUND, 1 << cost)
}

/// Spends the time of a verification with `2^cost` rounds, for nothing.
pub(super) fn burn(password: &[u8], cost: u32) {
    let salt = *b"a decoy salt ...";
    std::hint::black_box(eksblowfish(cost.min(31), salt, &expanded_key(password)));
}

/// Exactly `N` bytes from bcrypt's base 64.
fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

/// The password as a C string with its NUL, repeated to 72 bytes.
///
/// Blowfish reads its key in a circle, so giving the circle already unrolled changes
/// nothing, and lets the two flavours below change single words of it.
fn expanded_key(password: &[u8]) -> [u8; KEY_LEN] {
    let text = password.split(|&byte| byte == 0).next().unwrap_or_default();
    let circle = text.iter().chain([&0]).cycle();
    let mut key = [0; KEY_LEN];
    for (to, from) in key.iter_mut().zip(circle) {
        *to = *from;
    }
    key
}

/// The key as a signed `char` made it: a byte from 0x80 on sets every bit above it in
/// its word of four.
fn sign_extended(key: &[u8; KEY_LEN]) -> [u8; KEY_LEN] {
    let mut spoilt = *key;
    for word in spoilt.chunks_exact_mut(4) {
        let last_high = word.iter().rposition(|byte| *byte >= 0x80);
        for byte in word.iter_mut().take(last_high.unwrap_or(0)) {
            *byte = 0xff;
        }
    }
    spoilt
}

/// Whether `$2a$` changes this key: one that `$2x$` would not tell from another because
/// high bytes follow nothing but 0xff bytes in their words. Such a password is never
/// valid UTF-8.
fn needs_guard(key: &[u8; KEY_LEN]) -> bool {
    let high_after_first =
        key.chunks_exact(4).any(|word| word.iter().skip(1).any(|byte| *byte >= 0x80));
    high_after_first && sign_extended(key) == *key
}

/// bcrypt with one bit of the key flipped for the first, salted expansion only.
fn guarded(cost: u32, salt: &[u8; 16], key: &[u8; KEY_LEN]) -> [u8; 24] {
    let mut flipped = *key;
    if let Some(byte) = flipped.get_mut(1) {
        *byte ^= 1;
    }
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(salt, &flipped);
    for _ in 0..1_u64 << cost {
        state.bc_expand_key(key);
        state.bc_expand_key(salt);
    }
    let mut output = [0; 24];
    for (block, text) in output.chunks_exact_mut(8).zip(MAGIC.chunks_exact(8)) {
        let mut word = [0; 4];
        let mut halves = [0; 2];
        for (half, bytes) in halves.iter_mut().zip(text.chunks_exact(4)) {
            word.copy_from_slice(bytes);
            *half = u32::from_be_bytes(word);
        }
        for _ in 0..64 {
            halves = state.bc_encrypt(halves);
        }
        for (bytes, half) in block.chunks_exact_mut(4).zip(halves) {
            bytes.copy_from_slice(&half.to_be_bytes());
        }
    }
    output
}

/// What bcrypt encrypts.
const MAGIC: &[u8; 24] = b"OrpheanBeholderScryDoubt";
