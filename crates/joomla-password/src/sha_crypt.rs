//! crypt's `$5$` (SHA-256) and `$6$` (SHA-512).
//!
//! Called by [`super::stored`] for the Joomla versions that ask PHP's `password_verify` about every
//! hash. Must not import: `stored`.

use std::time::Duration;

use ::sha_crypt::{Params, sha256_crypt, sha512_crypt};
use subtle::ConstantTimeEq;

use super::{itoa64, work};

/// A parsed `$5$` or `$6$` hash.
pub(super) struct ShaCrypt<'a> {
    function: ShaFunction,
    rounds: u32,
    params: Params,
    salt: &'a [u8],
    encoded: &'a [u8],
}

/// The digest function behind it.
#[derive(Clone, Copy)]
pub(super) enum ShaFunction {
    /// `$5$`.
    Sha256,
    /// `$6$`.
    Sha512,
}

impl<'a> ShaCrypt<'a> {
    /// Reads the text after `$5$` or `$6$`: `rounds=N$` if any, up to 16 salt bytes of
    /// any value, `$`, the encoded digest.
    ///
    /// PHP writes the rounds back as a plain number and compares the whole text, so a
    /// number written in any other way never opens; nor does one outside
    /// 1000..=999999999, which PHP refuses. `rounds=` before something that C does not
    /// read as a number is a salt like any other.
    pub(super) fn parse(function: ShaFunction, text: &'a [u8]) -> Option<Self> {
        let (rounds, text) = match rounds_and_rest(text) {
            Some((number, rest)) => (canonical_rounds(number)?, rest),
            None => (Params::RECOMMENDED_ROUNDS, text),
        };
        let (salt, encoded) = itoa64::salt_and_digest(text, 16)?;
        let encoded_len = match function {
            ShaFunction::Sha256 => 43,
            ShaFunction::Sha512 => 86,
        };
        (encoded.len() == encoded_len).then_some(Self {
            function,
            rounds,
            params: Params::new(rounds).ok()?,
            salt,
            encoded,
        })
    }

    /// The expected CPU time for a password of this many bytes.
    pub(super) fn work(&self, password_len: usize) -> Duration {
        let (function, fixed) = match self.function {
            ShaFunction::Sha256 => (work::SHA256, 32 + self.salt.len()),
            ShaFunction::Sha512 => (work::SHA512, 64 + self.salt.len()),
        };
        let twice = password_len.saturating_mul(2);
        // Before the rounds, the password is hashed once for each of its bytes.
        let bytes = u32::try_from(password_len).unwrap_or(u32::MAX);
        work::digests(function, self.rounds, fixed, twice).saturating_add(work::digests(
            function,
            bytes,
            0,
            password_len,
        ))
    }

    /// Whether this password, free of NUL bytes, opens this hash.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let encoded = match self.function {
            ShaFunction::Sha256 => {
                itoa64::encode(&sha256_crypt(password, self.salt, self.params), &SHA256_ORDER)
            }
            ShaFunction::Sha512 => {
                itoa64::encode(&sha512_crypt(password, self.salt, self.params), &SHA512_ORDER)
            }
        };
        encoded.as_slice().ct_eq(self.encoded).into()
    }
}

/// The text between `rounds=` and `$`, if C's `strtoul` reads all of it, and what follows.
fn rounds_and_rest(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"rounds=")?;
    let end = text.iter().position(|&byte| byte == b'$')?;
    let (number, rest) = text.split_at_checked(end)?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let blanks = number.iter().take_while(|byte| is_blank(byte)).count();
    let number_or_sign = number.get(blanks..)?;
    let unsigned = number_or_sign
        .strip_prefix(b"+")
        .or_else(|| number_or_sign.strip_prefix(b"-"))
        .unwrap_or(number_or_sign);
    let is_number = !unsigned.is_empty() && unsigned.iter().all(u8::is_ascii_digit);
    (is_number || number.is_empty()).then_some((number, rest.get(1..)?))
}

/// A number of rounds written the way PHP writes it; the range is not its business.
fn canonical_rounds(number: &[u8]) -> Option<u32> {
    let first_is_plain = matches!(number.first(), Some(b'1'..=b'9'));
    let number = str::from_utf8(number).ok()?;
    number.parse().ok().filter(|_| first_is_plain)
}

/// The order in which the bytes of a SHA-256 digest are written.
const SHA256_ORDER: [u8; 32] = [
    0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28,
    8, 9, 19, 29, 31, 30,
];

/// The order in which the bytes of a SHA-512 digest are written.
const SHA512_ORDER: [u8; 64] = [
    0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8,
    29, 9, 30, 51, 31, 52, 10, 53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58,
    16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41, 63,
];
