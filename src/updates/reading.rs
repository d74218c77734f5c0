//! A package's manifest and checksums, both from the file that was opened: the XML therefore
//! matches the download.

use std::io;
use std::os::unix::fs::FileExt;

use joomla_updates::archive::{self, FoundManifest};
use joomla_updates::entry::Checksums;
use rustix::fs::Advice;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Reason;
use crate::packages::PackageFile;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// Finds and reads the manifest. Blocks.
///
/// # Errors
/// Returns why there is none, or that the file changed meanwhile and the result is void.
pub fn manifest(package: &PackageFile) -> Result<FoundManifest, Reason> {
    let found = archive::manifest(package.reader()).map_err(Reason::Archive);
    match package.untouched() {
        Ok(true) => found,
        Ok(false) => Err(Reason::Changing),
        Err(error) => Err(Reason::Storage(error.kind())),
    }
}

/// Computes the checksums, all in one pass. Blocks, for as long as it takes to read the file.
/// `go_on` gets the size of each chunk and returns whether to go on; the result is `None` if it
/// does not.
///
/// They are those of the file's [identity](PackageFile::identity) if it was
/// [settled](PackageFile::settles_in) when it was opened.
///
/// # Errors
/// Fails if the file cannot be read to its end, or changes meanwhile.
pub fn checksums(
    package: &PackageFile,
    go_on: &dyn Fn(u64) -> bool,
) -> Result<Option<Checksums>, Reason> {
    let failed = |error: io::Error| Reason::Storage(error.kind());
    // Drop these pages from the cache after reading; pages of downloads stay. Some file systems
    // ignore this advice.
    let _ = rustix::fs::fadvise(package.file(), 0, None, Advice::NoReuse);
    let (mut sha256, mut sha384, mut sha512) = (Sha256::new(), Sha384::new(), Sha512::new());
    let mut buffer = vec![0; CHUNK];
    let mut position = 0;
    while position <= package.len() {
        let count = match package.file().read_at(&mut buffer, position) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let chunk = buffer.get(..count).unwrap_or_default();
        sha256.update(chunk);
        sha384.update(chunk);
        sha512.update(chunk);
        position += count as u64;
        if !go_on(count as u64) {
            return Ok(None);
        }
    }
    if position != package.len() || !package.untouched().map_err(failed)? {
        return Err(Reason::Changing);
    }
    Ok(Some(Checksums {
        sha256: hexadecimal(&sha256.finalize()),
        sha384: hexadecimal(&sha384.finalize()),
        sha512: hexadecimal(&sha512.finalize()),
    }))
}

fn hexadecimal(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}
