//! The two unstretched kinds: MD5 with or without salt, and Joomla 3's `{SHA256}`.
//!
//! Called by [`super::stored`]. Both cost a microsecond, so a login that meets one
//! must spend a decoy beside it; that is [`super::check`]'s business, not known here.

use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `hex(md5(password + salt))`, followed by `:salt`, by only `:`, or by no text.
///
/// The rule: only lower-case hexadecimal, at most one colon, and a salt of `0` never opens.
pub(super) struct SaltedMd5<'a> {
    digest: [u8; 16],
    salt: &'a [u8],
}

impl<'a> SaltedMd5<'a> {
    /// Reads a stored text, `None` when no password can open it.
    pub(super) fn parse(stored: &'a [u8]) -> Option<Self> {
        let (hex, salt) = hex_and_salt(stored);
        let salt = salt.unwrap_or_default();
        let mut digest = [0; 16];
        decode_hex(hex, &mut digest)?;
        (salt != b"0" && !salt.contains(&b':')).then_some(Self { digest, salt })
    }

    /// Whether the password opens this hash.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let digest = Md5::new().chain_update(password).chain_update(self.salt).finalize();
        digest.as_slice().ct_eq(&self.digest).into()
    }
}

/// `{SHA256}` + `hex(sha256(password + salt))` + `:salt`, as Joomla 3 wrote it for a while.
///
/// The rule: lower-case hexadecimal, exactly one colon, and a salt that is neither empty nor `0`.
/// Joomla 3 takes a leading `{SHA256}` off the salt before it compares, so a salt that has one
/// never opens.
pub(super) struct SaltedSha256<'a> {
    digest: [u8; 32],
    salt: &'a [u8],
}

impl<'a> SaltedSha256<'a> {
    /// The beginning of such a stored text.
    pub(super) const PREFIX: &'static [u8] = b"{SHA256}";

    /// Reads the text after the prefix, `None` when no password can open it.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let (hex, salt) = hex_and_salt(text);
        let salt = salt?;
        let mut digest = [0; 32];
        decode_hex(hex, &mut digest)?;
        let salt_is_kept = !salt
            .get(..Self::PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(Self::PREFIX));
        let salt_is_truthy = !salt.is_empty() && salt != b"0";
        (salt_is_kept && salt_is_truthy && !salt.contains(&b':')).then_some(Self { digest, salt })
    }

    /// Whether the password opens this hash.
    pub(super) fn opens(&self, password: &[u8]) -> bool {
        let digest = Sha256::new().chain_update(password).chain_update(self.salt).finalize();
        digest.as_slice().ct_eq(&self.digest).into()
    }
}

/// Splits at the first colon; without one there is no salt at all.
fn hex_and_salt(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|&byte| byte == b':') {
        Some(colon) => {
            let (hex, rest) = text.split_at(colon);
            (hex, rest.get(1..))
        }
        None => (text, None),
    }
}

/// Fills `digest` from lower-case hexadecimal of exactly twice its length.
fn decode_hex(hex: &[u8], digest: &mut [u8]) -> Option<()> {
    let written = base16ct::lower::decode(hex, digest).ok()?.len();
    (written == digest.len()).then_some(())
}
