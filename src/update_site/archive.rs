//! Finds the manifest in a package ZIP, as Joomla's installer does: an XML file at the first level,
//! or at that of the only folder there is.
//!
//! Nothing else is unpacked. Whatever the file holds, reading it ends soon and takes little memory:
//! what is read of it is counted, and so is what comes out.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;

use super::manifest::{Manifest, ManifestError};
use crate::mask;

/// Bytes a manifest may have; real ones have some thousand.
pub const LARGEST_MANIFEST: u64 = 1024 * 1024;
/// Bytes of the archive that may be read to find out what is in it: some 50,000 files.
const LARGEST_DIRECTORY: u64 = 4 * 1024 * 1024;
/// XML files looked into.
const MOST_CANDIDATES: usize = 20;

/// A manifest and where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it says.
    pub manifest: Manifest,
    /// Its path in the archive.
    pub path: String,
}

/// Why there is none. The messages are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// No ZIP, or a damaged one.
    #[error("it is no ZIP file, or a broken one: build it again")]
    Broken,
    /// More in it than an extension has.
    #[error("it holds more files than are looked at: build it without what Joomla does not need")]
    TooManyFiles,
    /// No XML file with the right root.
    #[error(
        "it holds no Joomla manifest at its first level: an XML file with the root `<extension>`"
    )]
    NoManifest,
    /// An XML file beyond all bounds.
    #[error("`{path}` in it is larger than {} KiB: that is no manifest", LARGEST_MANIFEST / 1024)]
    TooLarge {
        /// Its path in the archive.
        path: String,
    },
    /// The manifest cannot be unpacked: damaged, encrypted, packed in an unusual way.
    #[error("`{path}` in it cannot be unpacked: build the ZIP again, with usual compression")]
    Unreadable {
        /// Its path in the archive.
        path: String,
    },
    /// The manifest makes no sense.
    #[error("the manifest `{path}` in it cannot be used: {reason}")]
    Manifest {
        /// Its path in the archive.
        path: String,
        /// Why.
        reason: ManifestError,
    },
    /// The file system failed.
    #[error("reading it failed ({0}): check the storage and try again")]
    Storage(io::ErrorKind),
}

/// Finds and reads the manifest. Blocks.
///
/// # Errors
/// See [`ArchiveError`]; none takes long.
pub fn manifest(file: impl Read + Seek) -> Result<Found, ArchiveError> {
    let left = Rc::new(Cell::new(LARGEST_DIRECTORY));
    let failed = Rc::new(Cell::new(None));
    let file = Bounded { file, left: Rc::clone(&left), failed: Rc::clone(&failed) };
    let mut archive = ZipArchive::new(file).map_err(|_| match failed.get() {
        Some(kind) => ArchiveError::Storage(kind),
        None if left.get() == 0 => ArchiveError::TooManyFiles,
        None => ArchiveError::Broken,
    })?;
    for path in candidates(&archive) {
        left.set(2 * LARGEST_MANIFEST);
        let document = unpack(&mut archive, &path)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        match Manifest::parse(&document, name) {
            Ok(None) => {}
            Ok(Some(manifest)) => return Ok(Found { manifest, path: printable(&path) }),
            Err(reason) => {
                return Err(ArchiveError::Manifest { path: printable(&path), reason });
            }
        }
    }
    Err(ArchiveError::NoManifest)
}

/// The XML files among which Joomla looks, in its order.
fn candidates<R>(archive: &ZipArchive<R>) -> Vec<String>
where
    R: Read + Seek,
{
    let names: Vec<_> = archive.file_names().filter_map(Result::ok).collect();
    let is_file = |name: &&str| !name.contains('/');
    let top = if names.iter().any(|name| is_file(&name.as_ref())) {
        String::new()
    } else {
        let folders: BTreeSet<_> =
            names.iter().filter_map(|name| name.split_once('/')).map(|(top, _)| top).collect();
        match folders.first() {
            Some(only) if folders.len() == 1 => format!("{only}/"),
            _ => return Vec::new(),
        }
    };
    let mut found: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_prefix(top.as_str()))
        .filter(|name| is_file(name) && name.strip_suffix(".xml").is_some())
        .map(|name| format!("{top}{name}"))
        .collect();
    found.sort_unstable();
    found.truncate(MOST_CANDIDATES);
    found
}

fn unpack<R>(archive: &mut ZipArchive<R>, path: &str) -> Result<Vec<u8>, ArchiveError>
where
    R: Read + Seek,
{
    let unreadable = || ArchiveError::Unreadable { path: printable(path) };
    let entry = archive.by_name(path).map_err(|_| unreadable())?;
    let mut document = Vec::new();
    entry.take(LARGEST_MANIFEST + 1).read_to_end(&mut document).map_err(|_| unreadable())?;
    if document.len() as u64 > LARGEST_MANIFEST {
        return Err(ArchiveError::TooLarge { path: printable(path) });
    }
    Ok(document)
}

/// Names in an archive are anybody's.
fn printable(path: &str) -> String {
    let short: String = path.chars().take(100).collect();
    mask::printable(&short)
}

/// A file of which only so much can be read.
struct Bounded<F> {
    file: F,
    left: Rc<Cell<u64>>,
    failed: Rc<Cell<Option<io::ErrorKind>>>,
}

impl<F: Read> Read for Bounded<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other("enough was read"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(buffer.get_mut(..most).unwrap_or_default());
        match read {
            Ok(count) => self.left.set(left.saturating_sub(count as u64)),
            Err(ref error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed.set(Some(error.kind()));
            }
            Err(_) => {}
        }
        read
    }
}

impl<F: Seek> Seek for Bounded<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
