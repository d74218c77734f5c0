//! The folder of private copies: files that only the bridge writes, each named by its SHA-256 sum.
//!
//! `publish` stores a release here, and [`WithCopies`] opens it for downloads. A copy is written
//! beside the others, synced and renamed, so a file that has its name is whole. Nothing is ever
//! written over. Locks of the file system keep the processes apart that write here: a copy under way
//! holds its own file, and a copy that gets its name holds the folder until its release is stored.
//! Must not import: `http`, `methods`, `store`.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base16ct::lower::encode_string;
use joomla_updates::entry::Checksums;
use rustix::fs::{FlockOperation, flock, fstatvfs};
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

/// A copy that has its name. Its folder is locked until this is dropped, so that no other process
/// relies on a copy that is taken back.
pub struct KeptCopy {
    folder: File,
    path: PathBuf,
    is_new: bool,
}

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
        self.make_folder()?;
        let file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.place)?;
        flock(file.as_file(), FlockOperation::NonBlockingLockShared)?;
        // A service without privileges reads what root has published.
        if geteuid().is_root() {
            let folder = fs::metadata(&self.place)?;
            fchown(file.as_file(), Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(NewCopy { file, sums: Default::default(), size: 0, place: self.place.clone() })
    }

    fn make_folder(&self) -> io::Result<()> {
        if self.place.exists() {
            return Ok(());
        }
        let above = self.place.parent().map(fs::metadata).transpose()?;
        fs::create_dir_all(&self.place)?;
        fs::set_permissions(&self.place, Permissions::from_mode(OWNER_ONLY))?;
        if let Some(above) = above.filter(|_| geteuid().is_root()) {
            chown(&self.place, Some(above.uid()), Some(above.gid()))?;
        }
        Ok(())
    }

    /// The bytes that the disk of the folder has left for this user. Blocks.
    ///
    /// # Errors
    /// The system's, if the folder cannot be made or looked at.
    pub fn free_bytes(&self) -> io::Result<u64> {
        self.make_folder()?;
        let disk = fstatvfs(File::open(&self.place)?)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Removes what processes that were killed have left. A copy that another process writes stays.
    /// Blocks.
    ///
    /// # Errors
    /// The system's, if the folder cannot be read.
    pub fn remove_unfinished(&self) -> io::Result<()> {
        if !self.place.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.place)? {
            let entry = entry?;
            if !entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                continue;
            }
            let file = match File::open(entry.path()) {
                // Its process has ended it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened?,
            };
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
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

    /// Gives the copy its name. A copy of the same content may be there already. Blocks while
    /// another process stores a release.
    ///
    /// # Errors
    /// The system's.
    pub fn keep(self) -> io::Result<KeptCopy> {
        let folder = File::open(&self.place)?;
        flock(&folder, FlockOperation::LockExclusive)?;
        let path = self.place.join(&self.checksums.sha256);
        let is_new = match self.file.persist_noclobber(&path) {
            Ok(_) => true,
            // The same content, by its name.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(error.error),
        };
        folder.sync_all()?;
        Ok(KeptCopy { folder, path, is_new })
    }
}

impl KeptCopy {
    /// Removes the copy, unless it was there before: its release was not stored. Blocks.
    ///
    /// # Errors
    /// The system's.
    pub fn take_back(self) -> io::Result<()> {
        if self.is_new {
            fs::remove_file(&self.path)?;
        }
        self.folder.sync_all()
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
