//! The hash algorithms of `hash` and `hash_hmac`, and how their result is written.
//!
//! Used by `call` and, for the names, by `parser`.

use hmac::{Mac, SimpleHmac};
use md5::Md5;
use ripemd::Ripemd160;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use whirlpool::Whirlpool;

/// A supported algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Ripemd160,
    Whirlpool,
    Crc32,
    Crc32b,
    Adler32,
}

/// The names of all algorithms, for messages.
pub(super) fn supported() -> String {
    Algorithm::ALL.map(|(name, _)| format!("`{name}`")).join(", ")
}

impl Algorithm {
    /// Every algorithm by its PHP name.
    pub(super) const ALL: [(&'static str, Self); 11] = [
        ("md5", Self::Md5),
        ("sha1", Self::Sha1),
        ("sha224", Self::Sha224),
        ("sha256", Self::Sha256),
        ("sha384", Self::Sha384),
        ("sha512", Self::Sha512),
        ("ripemd160", Self::Ripemd160),
        ("whirlpool", Self::Whirlpool),
        ("crc32", Self::Crc32),
        ("crc32b", Self::Crc32b),
        ("adler32", Self::Adler32),
    ];

    /// The algorithm PHP knows by this name, in any case.
    pub(super) fn find(name: &[u8]) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
            .map(|&(_, algorithm)| algorithm)
    }

    /// Whether `hash_hmac` takes it: checksums have no keyed form.
    pub(super) fn is_cryptographic(self) -> bool {
        !matches!(self, Self::Crc32 | Self::Crc32b | Self::Adler32)
    }

    /// The raw digest.
    pub(super) fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(data).to_vec(),
            Self::Sha1 => Sha1::digest(data).to_vec(),
            Self::Sha224 => Sha224::digest(data).to_vec(),
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
            Self::Ripemd160 => Ripemd160::digest(data).to_vec(),
            Self::Whirlpool => Whirlpool::digest(data).to_vec(),
            Self::Crc32 => crc32_bzip2(data).to_le_bytes().to_vec(),
            Self::Crc32b => crc32fast::hash(data).to_be_bytes().to_vec(),
            Self::Adler32 => adler2::adler32_slice(data).to_be_bytes().to_vec(),
        }
    }

    /// The raw keyed digest; `None` for a checksum.
    pub(super) fn keyed_digest(self, data: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Md5 => keyed::<SimpleHmac<Md5>>(data, key),
            Self::Sha1 => keyed::<SimpleHmac<Sha1>>(data, key),
            Self::Sha224 => keyed::<SimpleHmac<Sha224>>(data, key),
            Self::Sha256 => keyed::<SimpleHmac<Sha256>>(data, key),
            Self::Sha384 => keyed::<SimpleHmac<Sha384>>(data, key),
            Self::Sha512 => keyed::<SimpleHmac<Sha512>>(data, key),
            Self::Ripemd160 => keyed::<SimpleHmac<Ripemd160>>(data, key),
            Self::Whirlpool => keyed::<SimpleHmac<Whirlpool>>(data, key),
            Self::Crc32 | Self::Crc32b | Self::Adler32 => None,
        }
    }
}

/// Lower-case hexadecimal digits, or the bytes themselves when PHP's last argument says raw.
pub(super) fn written(digest: Vec<u8>, raw: bool) -> Vec<u8> {
    if raw { digest } else { base16ct::lower::encode_string(&digest).into_bytes() }
}

fn keyed<M: Mac + hmac::KeyInit>(data: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    // A HMAC takes keys of any length, so there is nothing to refuse.
    let mut mac = <M as hmac::KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes().to_vec())
}

/// PHP's `crc32` of `hash()`: the checksum of bzip2, not the one of the function `crc32()`.
fn crc32_bzip2(data: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x04c1_1db7;
    !data.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ (u32::from(byte) << 24), |crc, _| {
            let shifted = crc << 1;
            if crc >> 31 == 1 { shifted ^ POLYNOMIAL } else { shifted }
        })
    })
}
