//! The hash algorithms of `hash` and `hash_hmac`, and how their result is written.
//!
//! Used by `call`, by `search` and, for the names, by `parser`.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use ripemd::Ripemd160;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use strum::{EnumString, IntoStaticStr, VariantNames};
use whirlpool::Whirlpool;

/// A supported algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub(crate) enum Algorithm {
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

/// Names in backticks, for messages.
pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The names of all algorithms, for messages.
pub(super) fn supported() -> String {
    listed(Algorithm::NAMES)
}

impl Algorithm {
    /// The PHP names of all algorithms.
    pub(crate) const NAMES: &'static [&'static str] = Self::VARIANTS;

    /// The algorithm PHP knows by this name, in any case.
    pub(super) fn find(name: &[u8]) -> Option<Self> {
        std::str::from_utf8(name).ok()?.parse().ok()
    }

    /// Whether `hash_hmac` takes it: checksums have no keyed form.
    pub(super) fn is_cryptographic(self) -> bool {
        !matches!(self, Self::Crc32 | Self::Crc32b | Self::Adler32)
    }

    /// The raw digest.
    pub(crate) fn digest(self, data: &[u8]) -> Digested {
        match self {
            Self::Md5 => Digested::new(&Md5::digest(data)),
            Self::Sha1 => Digested::new(&Sha1::digest(data)),
            Self::Sha224 => Digested::new(&Sha224::digest(data)),
            Self::Sha256 => Digested::new(&Sha256::digest(data)),
            Self::Sha384 => Digested::new(&Sha384::digest(data)),
            Self::Sha512 => Digested::new(&Sha512::digest(data)),
            Self::Ripemd160 => Digested::new(&Ripemd160::digest(data)),
            Self::Whirlpool => Digested::new(&Whirlpool::digest(data)),
            Self::Crc32 => Digested::new(&crc32_bzip2(data).to_le_bytes()),
            Self::Crc32b => Digested::new(&crc32fast::hash(data).to_be_bytes()),
            Self::Adler32 => Digested::new(&adler2::adler32_slice(data).to_be_bytes()),
        }
    }

    /// How many bytes a raw digest has.
    #[cfg(feature = "search")]
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32b | Self::Adler32 => 4,
            Self::Md5 => 16,
            Self::Sha1 | Self::Ripemd160 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 | Self::Whirlpool => 64,
        }
    }

    /// The name PHP knows it by.
    #[cfg(feature = "search")]
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }

    /// The raw keyed digest; `None` for a checksum.
    pub(super) fn keyed_digest(self, data: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        Some(Keyed::new(self, key)?.digest(data).as_bytes().to_vec())
    }
}

/// A raw digest; kept without an allocation, since `search` makes millions.
#[derive(Clone, Copy)]
pub(crate) struct Digested {
    bytes: [u8; LONGEST],
    length: usize,
}

/// The bytes of the longest digest.
const LONGEST: usize = 64;

impl Digested {
    fn new(digest: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        let mut length = 0;
        for (place, byte) in bytes.iter_mut().zip(digest) {
            *place = *byte;
            length += 1;
        }
        Self { bytes, length }
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// `hash_hmac` with its key in place, for many texts.
#[derive(Clone)]
pub(crate) enum Keyed {
    Md5(Hmac<Md5>),
    Sha1(Hmac<Sha1>),
    Sha224(Hmac<Sha224>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
    Ripemd160(Hmac<Ripemd160>),
    Whirlpool(Hmac<Whirlpool>),
}

impl Keyed {
    /// `None` for a checksum: it has no keyed form.
    pub(crate) fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        // A HMAC takes keys of any length, so no other input is refused.
        Some(match algorithm {
            Algorithm::Md5 => Self::Md5(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha1 => Self::Sha1(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha224 => Self::Sha224(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha256 => Self::Sha256(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha384 => Self::Sha384(Hmac::new_from_slice(key).ok()?),
            Algorithm::Sha512 => Self::Sha512(Hmac::new_from_slice(key).ok()?),
            Algorithm::Ripemd160 => Self::Ripemd160(Hmac::new_from_slice(key).ok()?),
            Algorithm::Whirlpool => Self::Whirlpool(Hmac::new_from_slice(key).ok()?),
            Algorithm::Crc32 | Algorithm::Crc32b | Algorithm::Adler32 => return None,
        })
    }

    /// The raw keyed digest of a text.
    pub(crate) fn digest(&self, data: &[u8]) -> Digested {
        match self {
            Self::Md5(mac) => keyed(mac, data),
            Self::Sha1(mac) => keyed(mac, data),
            Self::Sha224(mac) => keyed(mac, data),
            Self::Sha256(mac) => keyed(mac, data),
            Self::Sha384(mac) => keyed(mac, data),
            Self::Sha512(mac) => keyed(mac, data),
            Self::Ripemd160(mac) => keyed(mac, data),
            Self::Whirlpool(mac) => keyed(mac, data),
        }
    }
}

/// Lower-case hexadecimal digits, or the bytes themselves when PHP's last argument says raw.
pub(super) fn written(digest: &[u8], raw: bool) -> Vec<u8> {
    if raw { digest.to_vec() } else { base16ct::lower::encode_string(digest).into_bytes() }
}

fn keyed<M: Mac + Clone>(mac: &M, data: &[u8]) -> Digested {
    let mut mac = mac.clone();
    mac.update(data);
    Digested::new(&mac.finalize().into_bytes())
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
