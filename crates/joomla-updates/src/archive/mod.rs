//! Finds the manifest in a package ZIP, as Joomla's installer does: the first XML file that is one,
//! at the first level or one folder down, behind an only folder.
//!
//! Also reads the files that the manifest names: its language file, its install script. No other
//! file is unpacked. Time and memory are bounded for any file: the bytes read are counted, and so
//! are the bytes unpacked.

mod language;
mod script;
mod tree;

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use memchr::memmem;
use zip::ZipArchive;

use self::tree::Tree;
use super::manifest::{Inside, Manifest, ManifestError};
use crate::printable::printable;

/// Bytes a manifest may have; real ones have some thousand.
pub const LARGEST_MANIFEST: u64 = 1024 * 1024;
/// Bytes of the archive that may be read for its directory: some 50,000 files.
const LARGEST_DIRECTORY: u64 = 4 * 1024 * 1024;
/// XML files looked into.
const MOST_DOCUMENTS: usize = 1000;
/// Bytes of them.
const LARGEST_DOCUMENTS: u64 = 16 * 1024 * 1024;
/// Bytes that are looked at of a language file or an install script.
const LARGEST_TEXT: u64 = 256 * 1024;

/// A manifest and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundManifest {
    /// The manifest.
    pub manifest: Manifest,
    /// Its path in the archive.
    pub path: String,
}

/// Why there is none. The messages tell the package's maker the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// No ZIP, or a damaged one.
    #[error("it is no ZIP file, or a broken one: build it again")]
    Broken,
    /// More in it than an extension has.
    #[error(
        "it holds more files than are looked at: build it without the files that Joomla does not need"
    )]
    TooManyFiles,
    /// More XML files than are looked into, and none of those is a manifest.
    #[error(
        "it holds more XML files than are looked into, and none of the first {MOST_DOCUMENTS} or {} MiB \
         is a manifest: put the manifest at its first level",
        LARGEST_DOCUMENTS / 1024 / 1024
    )]
    TooManyDocuments,
    /// No XML file with the right root.
    #[error(
        "it holds no Joomla manifest at its first level or one folder down: an XML file with the root \
         `<extension>`"
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
pub fn manifest(file: impl Read + Seek) -> Result<FoundManifest, ArchiveError> {
    let mut archive = Archive::open(file)?;
    let tree = Tree::of(&archive.zip);
    let mut left = LARGEST_DOCUMENTS;
    // Why the first candidate XML file is not a manifest, if no other one is.
    let mut failed: Option<(bool, ArchiveError)> = None;
    for (number, (path, index)) in tree.documents().enumerate() {
        if number >= MOST_DOCUMENTS || left == 0 {
            return Err(failed.map_or(ArchiveError::TooManyDocuments, |(_, error)| error));
        }
        let document = archive.unpack(index, LARGEST_MANIFEST + 1, path)?;
        left = left.saturating_sub(document.len() as u64);
        let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
        let is_meant = memmem::find(&document, b"<extension").is_some();
        let is_cut = document.len() as u64 > LARGEST_MANIFEST;
        let error = match Manifest::read(&document, name) {
            Ok(None) => continue,
            Ok(Some((mut manifest, inside))) if !is_cut => {
                archive.complete(&mut manifest, &inside, &tree, folder)?;
                return Ok(FoundManifest { manifest, path: shown(path) });
            }
            Err(reason) if !is_cut => {
                let is_manifest = reason.is_of_a_manifest();
                let is_meant = is_meant || matches!(reason, ManifestError::OldRoot(_));
                let error = ArchiveError::Manifest { path: shown(path), reason };
                if is_manifest {
                    return Err(error);
                }
                (is_meant, error)
            }
            // Joomla may take it for the manifest; only a document that is none is passed by.
            Ok(Some(_)) | Err(_) => {
                let error = ArchiveError::TooLarge { path: shown(path) };
                if is_meant {
                    return Err(error);
                }
                (false, error)
            }
        };
        if failed.as_ref().is_none_or(|(was_meant, _)| !was_meant && error.0) {
            failed = Some(error);
        }
    }
    Err(failed.map_or(ArchiveError::NoManifest, |(_, error)| error))
}

/// An open archive.
struct Archive<F> {
    zip: ZipArchive<Bounded<F>>,
    left: Rc<Cell<u64>>,
    failed: Rc<Cell<Option<io::ErrorKind>>>,
}

impl<F: Read + Seek> Archive<F> {
    fn open(file: F) -> Result<Self, ArchiveError> {
        let left = Rc::new(Cell::new(LARGEST_DIRECTORY));
        let failed = Rc::new(Cell::new(None));
        let file = Bounded { file, left: Rc::clone(&left), failed: Rc::clone(&failed) };
        let zip = ZipArchive::new(file).map_err(|_| match failed.get() {
            Some(kind) => ArchiveError::Storage(kind),
            None if left.get() == 0 => ArchiveError::TooManyFiles,
            None => ArchiveError::Broken,
        })?;
        Ok(Self { zip, left, failed })
    }

    /// Unpacks a file, `most` bytes of it at most.
    fn unpack(&mut self, index: usize, most: u64, path: &str) -> Result<Vec<u8>, ArchiveError> {
        self.left.set(2 * LARGEST_MANIFEST);
        let mut content = Vec::new();
        let entry = self.zip.by_index(index).map_err(drop);
        let read = entry.and_then(|entry| entry.take(most).read_to_end(&mut content).map_err(drop));
        read.map_err(|()| match self.failed.get() {
            Some(kind) => ArchiveError::Storage(kind),
            None => ArchiveError::Unreadable { path: shown(path) },
        })?;
        Ok(content)
    }

    /// Reads the beginning of a text; empty if it cannot be unpacked, which does not make the
    /// package unusable here.
    fn beginning(&mut self, index: usize) -> Result<Vec<u8>, ArchiveError> {
        match self.unpack(index, LARGEST_TEXT, "") {
            Err(ArchiveError::Unreadable { .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Adds the data of other files of the archive.
    fn complete(
        &mut self,
        manifest: &mut Manifest,
        inside: &Inside,
        tree: &Tree,
        folder: &str,
    ) -> Result<(), ArchiveError> {
        let script = inside.script.as_deref().and_then(|script| tree.find(folder, script));
        if let Some(index) = script {
            manifest.wants = script::requirements(&self.beginning(index)?);
        }
        let mut texts = [&mut manifest.name, &mut manifest.description];
        if !texts.iter().any(|text| language::may_be_key(text)) {
            return Ok(());
        }
        let mut keys: Vec<_> = texts.iter_mut().filter(|text| language::may_be_key(text)).collect();
        for index in language::files(tree, folder, inside, &manifest.extension) {
            let file = self.beginning(index)?;
            let file = String::from_utf8_lossy(&file);
            keys.retain_mut(|key| match language::text(&file, key) {
                Some(text) => {
                    ***key = text;
                    false
                }
                None => true,
            });
            if keys.is_empty() {
                break;
            }
        }
        Ok(())
    }
}

/// Shortens a name of an archive: a stranger chose it, and its length.
fn shown(path: &str) -> String {
    printable(&path.chars().take(100).collect::<String>())
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
