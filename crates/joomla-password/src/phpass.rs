//! phpass "portable" hashes, `$P$` and phpBB's `$H$`: MD5 repeated 2^7 to 2^30 times.
//!
//! Called by [`super::stored`], which decides which of the two prefixes a Joomla version takes.
//! Must not import: `stored`.

use std::time::Duration;

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use super::{itoa64, work};

/// A parsed phpass hash.
pub(super) struct Phpass<'a> {
    log2: u32,
    salt: &'a [u8],
    encoded: &'a [u8],
}

impl<'a> Phpass<'a> {
    /// Reads the 31 characters after the prefix: the count (`5` to `S`, for 7 to 30),
    /// eight salt bytes of any value, 22 characters of digest.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let (&count, rest) = text.split_first()?;
        let log2 = itoa64::value(count).filter(|log2| (7..=30).contains(log2))?;
        let (salt, encoded) = rest.split_at_checked(8)?;
        (encoded.len() == 22).then_some(Self { log2, salt, encoded })
    }

    /// The expected CPU time for a password of this many bytes.
    pub(super) fn work(&self, password_len: usize) -> Duration {
        work::digests(work::MD5, 1 << self.log2, 16, password_len)
    }

    /// Whether the password opens this hash. NUL bytes count like any other.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let mut digest = Md5::new().chain_update(self.salt).chain_update(password).finalize();
        for _ in 0..1_u32 << self.log2 {
            digest = Md5::new().chain_update(digest).chain_update(password).finalize();
        }
        itoa64::encode(&digest, &ORDER).as_slice().ct_eq(self.encoded).into()
    }
}

/// Digest bytes in groups of three, least significant first.
const ORDER: [u8; 16] = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15];
