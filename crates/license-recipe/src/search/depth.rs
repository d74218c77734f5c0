//! How much is searched: three sizes of the space, each holding the one before.
//!
//! Must not import: `Sample`.

use crate::digest::Algorithm::{
    self, Adler32, Crc32, Crc32b, Md5, Ripemd160, Sha1, Sha224, Sha256, Sha384, Sha512, Whirlpool,
};

/// How much is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What most plugins do; done at once.
    Quick,
    /// What can be expected; some seconds.
    Usual,
    /// Everything there is; minutes.
    Full,
}

/// What stands between two parts, likeliest first.
const SEPARATORS: [&str; 26] = [
    "", "|", "-", "_", ":", ";", ",", ".", " ", "/", "#", "+", "&", "@", "*", "~", "=", "%", "!",
    "$", "::", "||", "--", "__", "\n", "\t",
];

impl Depth {
    /// What stands between two parts; the first is nothing.
    pub(super) fn separators(self) -> &'static [&'static str] {
        let count = match self {
            Self::Quick => 6,
            Self::Usual => 16,
            Self::Full => SEPARATORS.len(),
        };
        SEPARATORS.get(..count).unwrap_or(&SEPARATORS)
    }

    /// The most values that are joined.
    pub(super) fn joined(self) -> usize {
        match self {
            Self::Quick => 3,
            Self::Usual => 4,
            Self::Full => 8,
        }
    }

    /// The most values that are joined with a separator in some places and none in others.
    pub(super) fn mixed(self) -> usize {
        if self == Self::Quick { 0 } else { 4 }
    }

    /// Three values may be joined with two different separators.
    pub(super) fn two_separators(self) -> bool {
        self == Self::Full
    }

    /// The most values of which some are digested before they are joined with the others.
    pub(super) fn nested(self) -> usize {
        match self {
            Self::Quick => 0,
            Self::Usual => 3,
            Self::Full => 4,
        }
    }

    /// What digests some of the values first.
    pub(super) fn nesting(self) -> &'static [Algorithm] {
        match self {
            Self::Quick => &[],
            Self::Usual => &[Md5, Sha1],
            Self::Full => &[Md5, Sha1, Sha256],
        }
    }

    /// The most values in the text of a keyed digest.
    pub(super) fn keyed(self) -> usize {
        match self {
            Self::Quick => 2,
            Self::Usual => 3,
            Self::Full => 4,
        }
    }

    /// The most values in the key of a keyed digest.
    pub(super) fn key_parts(self) -> usize {
        if self == Self::Quick { 1 } else { 2 }
    }

    /// What makes keyed digests.
    pub(super) fn keyed_digests(self) -> &'static [Algorithm] {
        match self {
            Self::Quick => &[Md5, Sha1, Sha256],
            Self::Usual => &[Md5, Sha1, Sha256, Sha512],
            Self::Full => &[Md5, Sha1, Sha256, Sha512, Sha224, Sha384, Ripemd160, Whirlpool],
        }
    }

    /// What digests a text.
    pub(super) fn digests(self) -> &'static [Algorithm] {
        match self {
            Self::Quick => &[Md5, Sha1, Sha256, Crc32b],
            Self::Usual => &[Md5, Sha1, Sha256, Crc32b, Sha512, Sha224, Sha384, Crc32, Adler32],
            Self::Full => &[
                Md5, Sha1, Sha256, Crc32b, Sha512, Sha224, Sha384, Crc32, Adler32, Ripemd160,
                Whirlpool,
            ],
        }
    }

    /// Digests whose result another one digests, and those that do.
    pub(super) fn chained(self) -> &'static [Algorithm] {
        match self {
            Self::Quick => &[Md5, Sha1],
            Self::Usual => &[Md5, Sha1, Sha256],
            Self::Full => &[Md5, Sha1, Sha256, Sha512, Crc32b],
        }
    }

    /// Digests that are applied three times.
    pub(super) fn thrice(self) -> &'static [Algorithm] {
        match self {
            Self::Quick => &[],
            Self::Usual => &[Md5],
            Self::Full => &[Md5, Sha1, Sha256],
        }
    }

    /// A digest may digest the bytes of another, not only its digits.
    pub(super) fn raw_chains(self) -> bool {
        self == Self::Full
    }

    /// Texts may be in upper or lower case as a whole, and the package group by itself.
    pub(super) fn all_cases(self) -> bool {
        self != Self::Quick
    }

    /// A key may be a digest written backwards.
    pub(super) fn backwards(self) -> bool {
        self == Self::Full
    }
}
