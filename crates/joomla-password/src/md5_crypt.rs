//! crypt's `$1$`: a thousand rounds of MD5.
//!
//! Called by [`super::stored`] for the Joomla versions that ask PHP's `password_verify` about every
//! hash. Must not import: `stored`.

use std::time::Duration;

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use super::{itoa64, work};

const ROUNDS: u32 = 1000;

/// A parsed `$1$` hash.
pub(super) struct Md5Crypt<'a> {
    salt: &'a [u8],
    encoded: &'a [u8],
}

impl<'a> Md5Crypt<'a> {
    /// Reads the text after `$1$`: up to eight salt bytes of any value, `$`, 22 characters.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let (salt, encoded) = itoa64::salt_and_digest(text, 8)?;
        (encoded.len() == 22).then_some(Self { salt, encoded })
    }

    /// The expected CPU time for a password of this many bytes.
    pub(super) fn work(&self, password_len: usize) -> Duration {
        // A round hashes the password once or twice, and the salt mostly.
        let fixed = 16 + self.salt.len();
        work::digests(work::MD5, ROUNDS, fixed, password_len.saturating_mul(2))
    }

    /// Whether this password, free of NUL bytes, opens this hash.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        itoa64::encode(&digest(password, self.salt), &ORDER).as_slice().ct_eq(self.encoded).into()
    }
}

/// The raw digest.
fn digest(password: &[u8], salt: &[u8]) -> [u8; 16] {
    let inner =
        Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut start = Md5::new().chain_update(password).chain_update(b"$1$").chain_update(salt);
    for chunk in password.chunks(inner.len()) {
        start.update(inner.get(..chunk.len()).unwrap_or_default());
    }
    let mut length = password.len();
    while length > 0 {
        // A quirk of the first version that all later ones had to keep.
        let quirk = if length & 1 == 1 { &[0] } else { password };
        start.update(quirk.get(..1).unwrap_or_default());
        length >>= 1;
    }

    let mut digest: [u8; 16] = start.finalize().into();
    for round in 0..ROUNDS {
        let (first, last) = if round & 1 == 1 {
            (password, digest.as_slice())
        } else {
            (digest.as_slice(), password)
        };
        let mut next = Md5::new().chain_update(first);
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(last);
        digest = next.finalize().into();
    }
    digest
}

/// The order in which the digest's bytes are written.
const ORDER: [u8; 16] = [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11];
