//! The header `Content-Digest` of an upload, RFC 9530: the SHA-256 sum that its body must have.
//!
//! Pure. Called before the body is read. Must not import: `ledger`, `packages`.

use base16ct::lower::encode_string;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::told::{tells, told};

/// Why there is no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadContentDigest {
    /// There is no such header.
    Missing,
    /// It has no SHA-256 sum.
    NoSha256,
    /// Its SHA-256 sum is not one.
    Malformed,
}

tells!(BadContentDigest {
    Self::Missing => told!(
        "the request has no header `Content-Digest`" =>
        "send `Content-Digest: sha-256=:…:` with the base64 of the file's SHA-256 sum"
    ),
    Self::NoSha256 => told!(
        "the header `Content-Digest` has no `sha-256`" =>
        "send `Content-Digest: sha-256=:…:` with the base64 of the file's SHA-256 sum"
    ),
    Self::Malformed => told!(
        "the `sha-256` of the header `Content-Digest` is not the base64 of 32 bytes between colons" =>
        "make it with `openssl dgst -sha256 -binary FILE | base64`"
    ),
});

/// Reads the SHA-256 sum, in hexadecimal digits, from all lines of the header. Sums of other kinds
/// are passed over; of several the last counts.
///
/// # Errors
/// [`BadContentDigest`] if there is none.
pub fn sha256<'h>(lines: impl Iterator<Item = &'h [u8]>) -> Result<String, BadContentDigest> {
    let mut found = Err(BadContentDigest::Missing);
    for member in lines.flat_map(|line| line.split(|&byte| byte == b',')) {
        let member = member.trim_ascii();
        match member.strip_prefix(b"sha-256=") {
            Some(value) => found = Ok(value),
            None if found.is_err() => found = Err(BadContentDigest::NoSha256),
            None => {}
        }
    }
    // Parameters may follow the value.
    let value = found?.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    let text = value.strip_prefix(b":").and_then(|value| value.strip_suffix(b":"));
    let bytes = text.and_then(|text| STANDARD.decode(text).ok());
    let sum = bytes.filter(|bytes| bytes.len() == 32).ok_or(BadContentDigest::Malformed)?;
    Ok(encode_string(&sum))
}

#[cfg(test)]
mod tests {
    use super::{BadContentDigest, sha256};

    /// Of no bytes.
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn the_sum_is_found_among_others() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for lines in [
            vec![format!("sha-256=:{EMPTY}:")],
            vec![format!("sha-512=:AAAA:, sha-256=:{EMPTY}:")],
            vec!["sha-512=:AAAA:".to_owned(), format!("sha-256=:{EMPTY}:;a=1")],
        ] {
            let lines = lines.iter().map(String::as_bytes);
            assert_eq!(sha256(lines).as_deref(), Ok(hex));
        }
    }

    #[test]
    fn other_headers_are_refused_with_the_reason() {
        assert_eq!(sha256([].into_iter()), Err(BadContentDigest::Missing));
        for (line, error) in [
            ("sha-512=:AAAA:", BadContentDigest::NoSha256),
            ("", BadContentDigest::NoSha256),
            (EMPTY, BadContentDigest::NoSha256),
            ("sha-256=:AAAA:", BadContentDigest::Malformed),
            ("sha-256=", BadContentDigest::Malformed),
            ("sha-256=:\u{e4}:", BadContentDigest::Malformed),
            (&format!("sha-256={EMPTY}"), BadContentDigest::Malformed),
        ] {
            assert_eq!(sha256([line.as_bytes()].into_iter()), Err(error), "{line}");
        }
    }
}
