//! Reads a file once into a private copy, and judges it by that copy.
//!
//! Called by `signing::gate` off the async threads. The facts are of the bytes of the copy; whether a
//! package may be served is decided from them for each package anew, since several may name one file.
//! Facts are kept in memory only: the right to edit a file on the disk must not be the right to sign.

use std::io::{self, Read};

use joomla_updates::archive;
use joomla_updates::manifest::Manifest;

use super::seen::SeenSigned;
use super::signature::{ReadSignature, SignedBytes};
use super::trusted_comment::TrustedComment;
use super::{SignatureError, SigningRules};
use crate::packages::PackageFile;
use crate::packages::private_copies::{PrivateCopies, WholeCopy};
use crate::release::settings::Package;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// The facts about the bytes of a file.
#[derive(Debug, Clone)]
pub struct FileFacts {
    manifest: Result<Manifest, SignatureError>,
    signature: Result<TrustedComment, SignatureError>,
    /// The name of the private copy, if there is one.
    sha256: Option<String>,
}

/// Reads a file. Blocks. A copy is kept only if some package may be served from it.
///
/// # Errors
/// The system's, if the file cannot be read or the copy not be written.
pub(super) fn read(
    file: &PackageFile,
    signature: Option<&str>,
    rules: &SigningRules,
    copies: &PrivateCopies,
) -> io::Result<FileFacts> {
    let parsed = signature.map(ReadSignature::parse);
    let mut begun = match &parsed {
        None => None,
        Some(Err(error)) => Some(Err(error.clone())),
        Some(Ok(signature)) => Some(signature.begin(rules)),
    };
    let copy = copy(file, copies, begun.as_mut().and_then(|begun| begun.as_mut().ok()))?;
    if !file.untouched()? {
        return Ok(FileFacts {
            manifest: Err(SignatureError::Changing),
            signature: Err(SignatureError::Changing),
            sha256: None,
        });
    }
    let manifest = match archive::manifest(copy.file()) {
        Ok(found) => Ok(found.manifest),
        Err(archive::ArchiveError::Storage(kind)) => return Err(kind.into()),
        Err(error) => Err(SignatureError::NoManifest(error.to_string())),
    };
    let signature = match (&manifest, begun) {
        (Err(error), _) => Err(error.clone()),
        (Ok(_), Some(Err(error))) => Err(error),
        (Ok(manifest), Some(Ok(bytes))) => bytes.finish(rules, manifest),
        (Ok(manifest), None) => {
            Err(SignatureError::Missing { comment: TrustedComment::of(manifest, None) })
        }
    };
    let is_free = manifest.as_ref().is_ok_and(|manifest| !rules.require(&manifest.extension));
    let is_of_use = is_free || signature.is_ok();
    let sha256 = is_of_use.then(|| copy.checksums.sha256.clone());
    if is_of_use {
        copy.keep()?;
    }
    Ok(FileFacts { manifest, signature, sha256 })
}

fn copy(
    file: &PackageFile,
    copies: &PrivateCopies,
    mut signed: Option<&mut SignedBytes<'_>>,
) -> io::Result<WholeCopy> {
    let (mut copy, mut reader) = (copies.begin()?, file.reader());
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => return copy.finish(),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        copy.write(chunk)?;
        if let Some(signed) = &mut signed {
            signed.update(chunk);
        }
    }
}

impl FileFacts {
    /// Whether the signature is good.
    pub(super) fn is_signed(&self) -> bool {
        self.signature.is_ok()
    }

    /// The name of the private copy, if there is one.
    pub(super) fn copy(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Decides whether a package may be served from this file. Returns the name of its copy, and the
    /// version if it is signed.
    ///
    /// # Errors
    /// The reason to refuse it.
    pub(super) fn decide(
        &self,
        package: &Package,
        rules: &SigningRules,
        seen: &SeenSigned,
    ) -> Result<Passed<'_>, SignatureError> {
        let manifest = self.manifest.as_ref().map_err(Clone::clone)?;
        if let Some(record) = &package.release
            && (record.extension != manifest.extension
                || record.version != manifest.version
                || self.sha256.as_ref().is_some_and(|sha256| *sha256 != record.checksums.sha256))
        {
            return Err(SignatureError::OtherRelease {
                recorded: format!("{} {}", record.extension, record.version),
                found: format!("{} {}", manifest.extension, manifest.version),
            });
        }
        let is_required = rules.require(&manifest.extension) || seen.knows(&package.id);
        let signed = match &self.signature {
            Ok(comment) => Some(comment),
            Err(error) if is_required => return Err(error.clone()),
            Err(_) => None,
        };
        if is_required && let Some(comment) = signed {
            comment.matches_group(package.group.as_deref())?;
            seen.judge(&package.id, manifest)?;
        }
        // Every file that passes has a copy.
        let sha256 = self.sha256.as_deref().ok_or(SignatureError::Changing)?;
        let signed = (is_required && signed.is_some()).then_some(manifest);
        Ok(Passed { sha256, signed })
    }
}

/// A package that may be served.
pub(super) struct Passed<'f> {
    /// The name of the private copy.
    pub(super) sha256: &'f str,
    /// The manifest, if its signature is good and was needed.
    pub(super) signed: Option<&'f Manifest>,
}
