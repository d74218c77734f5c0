//! A signature of minisign, and the bytes that it signs.
//!
//! Called by `signing::judge`, and by `publish` through [`verify`]. Only signatures of the hash of a
//! file count, so that a file of any size is read once.

use std::io::{self, Read};

use joomla_updates::manifest::Manifest;
use minisign_verify::{Error, Signature, StreamVerifier};

use super::trusted_comment::TrustedComment;
use super::{SignatureError, SigningKey, SigningRules};

/// The largest signature file, in bytes. A usual one has some 300.
pub const LARGEST_SIGNATURE: u64 = 16 * 1024;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// A signature that was read, before it is compared with any bytes.
pub struct ReadSignature {
    signature: Signature,
    comment: TrustedComment,
}

/// The bytes of a file, hashed for its signature.
pub struct SignedBytes<'s> {
    signature: &'s ReadSignature,
    /// The key of the signature; several if their numbers collide.
    candidates: Vec<(&'s SigningKey, StreamVerifier<'s>)>,
}

impl ReadSignature {
    /// Reads the text of a signature file.
    ///
    /// # Errors
    /// A text that is not a signature.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let signature = Signature::decode(text).map_err(|_| SignatureError::Malformed)?;
        let comment = TrustedComment::parse(signature.trusted_comment())?;
        Ok(Self { signature, comment })
    }

    /// Begins to hash.
    ///
    /// # Errors
    /// A signature of another key, or one of the old sort.
    pub fn begin<'s>(&'s self, rules: &'s SigningRules) -> Result<SignedBytes<'s>, SignatureError> {
        let mut candidates: Vec<(&SigningKey, _)> = Vec::new();
        for key in rules.keys() {
            match key.0.verify_stream(&self.signature) {
                Ok(_) if candidates.iter().any(|(known, _)| *known == key) => {}
                Ok(stream) => candidates.push((key, stream)),
                Err(Error::UnsupportedLegacyMode) => return Err(SignatureError::Legacy),
                Err(_) => {}
            }
        }
        if candidates.is_empty() {
            return Err(SignatureError::UnknownKey);
        }
        Ok(SignedBytes { signature: self, candidates })
    }
}

impl SignedBytes<'_> {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for (_, stream) in &mut self.candidates {
            stream.update(bytes);
        }
    }

    /// Judges the signature by all bytes and their manifest.
    ///
    /// # Errors
    /// A signature of other bytes, of another extension or version, or of a key that does not count.
    pub fn finish(
        self,
        rules: &SigningRules,
        manifest: &Manifest,
    ) -> Result<TrustedComment, SignatureError> {
        let mut candidates = self.candidates.into_iter();
        let key = candidates.find_map(|(key, mut stream)| stream.finalize().is_ok().then_some(key));
        let key = key.ok_or(SignatureError::Broken)?;
        if !rules.count(key, &manifest.extension) {
            return Err(SignatureError::KeyOfOthers(manifest.extension.element.clone()));
        }
        self.signature.comment.matches(manifest)?;
        Ok(self.signature.comment.clone())
    }
}

/// Judges the signature of a file that is to be published. Blocks.
///
/// # Errors
/// The outer error is the system's; the inner one the reason to refuse the file.
pub fn verify(
    rules: &SigningRules,
    signature: &str,
    file: &mut dyn Read,
    manifest: &Manifest,
    group: Option<&str>,
) -> io::Result<Result<TrustedComment, SignatureError>> {
    let signature = match ReadSignature::parse(signature) {
        Ok(signature) => signature,
        Err(error) => return Ok(Err(error)),
    };
    let mut bytes = match signature.begin(rules) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error)),
    };
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let judged = bytes.finish(rules, manifest);
    Ok(judged.and_then(|comment| comment.matches_group(group).map(|()| comment)))
}
