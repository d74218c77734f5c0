//! The folder of private copies: files that only the bridge writes, each named by its SHA-256 sum.
//!
//! `publish` stores a release here, and [`WithCopies`] opens it for downloads. A copy is written
//! beside the others, synced and renamed, so a file that has its name is whole. Nothing is ever
//! written over. Must not import: `http`, `methods`, `store`.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base16ct::lower::encode_string;
use joomla_updates::entry::Checksums;
use rustix::process::geteuid;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tempfile::NamedTempFile;

use super::folder::Folder;
use super::{Opening, PackageError, Packages};
use crate::release::package_path::PackagePath;

/// The start of the name of a copy that is not whole yet.
const UNFINISHED: &str = ".incoming-";

/// The permissions of a copy: only the service reads it.
const READ_ONLY: u32 = 0o400;

/// The permissions of the folder.
const OWNER_ONLY: u32 = 0o700;

/// The folder of private copies.
#[derive(Debug, Clone)]
pub struct PrivateCopies {
    place: PathBuf,
}

/// A copy that is being written. It leaves no trace unless it is kept.
pub struct NewCopy {
    file: NamedTempFile,
    sums: (Sha256, Sha384, Sha512),
    size: u64,
    place: PathBuf,
}

/// A copy that is whole, and not kept yet.
pub struct WholeCopy {
    file: NamedTempFile,
    place: PathBuf,
    /// Of its content.
    pub checksums: Checksums,
    /// Its bytes.
    pub size: u64,
}

impl PrivateCopies {
    /// Names the folder; it is made when the first copy is.
    #[must_use]
    pub fn new(place: PathBuf) -> Self {
        Self { place }
    }

    /// The folder.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Begins a copy. If root does, it belongs to the owner of the folder. Blocks.
    ///
    /// # Errors
    /// The system's, if the folder cannot be made or written.
    pub fn begin(&self) -> io::Result<NewCopy> {
        if !self.place.exists() {
            let above = self.place.parent().map(fs::metadata).transpose()?;
            fs::create_dir_all(&self.place)?;
            fs::set_permissions(&self.place, Permissions::from_mode(OWNER_ONLY))?;
            if let Some(above) = above.filter(|_| geteuid().is_root()) {
                chown(&self.place, Some(above.uid()), Some(above.gid()))?;
            }
        }
        let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.place)?;
        // A service without privileges reads what root has published.
        if geteuid().is_root() {
            let folder = fs::metadata(&self.place)?;
            fchown(file.as_file(), Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(NewCopy { file, sums: Default::default(), size: 0, place: self.place.clone() })
    }

    /// Removes what processes that were killed have left. Blocks. Must only be called while no
    /// copy is being written.
    ///
    /// # Errors
    /// The system's, if the folder cannot be read.
    pub fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.place)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl NewCopy {
    /// Adds bytes. Blocks.
    ///
    /// # Errors
    /// The system's, such as a full disk.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.sums.0.update(bytes);
        self.sums.1.update(bytes);
        self.sums.2.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Ends the copy, and syncs it to the disk. Blocks.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(self) -> io::Result<WholeCopy> {
        let Self { file, sums: (sha256, sha384, sha512), size, place } = self;
        file.as_file().set_permissions(Permissions::from_mode(READ_ONLY))?;
        file.as_file().sync_all()?;
        let checksums = Checksums {
            sha256: encode_string(&sha256.finalize()),
            sha384: encode_string(&sha384.finalize()),
            sha512: encode_string(&sha512.finalize()),
        };
        Ok(WholeCopy { file, place, checksums, size })
    }
}

impl WholeCopy {
    /// The file, to read.
    #[must_use]
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives the copy its name. A copy of the same content may be there already. Blocks.
    ///
    /// # Errors
    /// The system's.
    pub fn keep(self) -> io::Result<()> {
        let name = self.place.join(&self.checksums.sha256);
        match self.file.persist_noclobber(&name) {
            Ok(_) => {}
            // The same content, by its name.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(error.error),
        }
        File::open(&self.place)?.sync_all()
    }
}

/// Package files of two places: the site's package folder, and the private copies of releases.
pub struct WithCopies {
    folder: Arc<dyn Packages>,
    copies: Folder,
}

impl WithCopies {
    /// Joins both.
    #[must_use]
    pub fn new(folder: Arc<dyn Packages>, copies: Folder) -> Self {
        Self { folder, copies }
    }
}

impl Packages for WithCopies {
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        let Some(sha256) = path.release_sum() else { return self.folder.open(path) };
        Box::pin(async move {
            let copy = PackagePath::parse(sha256)
                .map_err(|_| PackageError::NotFound { path: path.clone() })?;
            let opened = self.copies.open(&copy).await;
            opened.map(|file| file.named(path.file_name())).map_err(|error| error.of(path))
        })
    }

    fn check(&self) -> Result<(), PackageError> {
        self.folder.check()
    }
}
