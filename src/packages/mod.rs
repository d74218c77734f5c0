//! The source of package files.
//!
//! `methods::download` opens a file of a [`Packages`] once the request is authorised, and
//! `http::download` sends it. Implementations: [`folder::Folder`]. Must not import: `http`,
//! `methods`, `store`, `warp`.

mod cached;
pub mod folder;
pub mod private_copies;
mod reader;
mod real_place;

use std::{
    fs::{File, Metadata},
    future::Future,
    io,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    pin::Pin,
    time::{Duration, SystemTime},
};

use rustix::io::Errno;
use thiserror::Error;

pub use reader::PackageReader;
pub use real_place::RealPlace;

use crate::release::package_path::PackagePath;
use crate::release::settings::Package;
use crate::told::{Told, tells, told};

/// The answer of [`Packages::open`]: a boxed future, so that the trait can be used as `dyn`.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<PackageFile, PackageError>> + Send + 'a>>;

/// A store of package files.
pub trait Packages: Send + Sync {
    /// Opens the file for reading.
    ///
    /// Never blocks the thread that polls it. It has no deadline of its own: a hung network
    /// file system holds it until the caller gives up, and giving up is safe at any time.
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a>;

    /// Opens the file of a package, which is at `path`. Signatures are judged here.
    fn open_package<'a>(&'a self, _package: &'a Package, path: &'a PackagePath) -> Opening<'a> {
        self.open(path)
    }

    /// Checks that packages can be looked up at all. Blocks.
    ///
    /// # Errors
    /// Returns the problem for the operator, see [`PackageError`].
    fn check(&self) -> Result<(), PackageError>;
}

/// An open package: a regular file and its metadata when it was opened.
#[derive(Debug)]
pub struct PackageFile {
    file: File,
    len: u64,
    modified: SystemTime,
    changed: SystemTime,
    stamp: Stamp,
    name: String,
    place: Option<RealPlace>,
}

/// A change within this time of another one may bear the same change time: the clock of file
/// systems ticks every 10 ms at most.
const TICK: Duration = Duration::from_millis(250);
/// The same on file systems that keep whole seconds.
const COARSE_TICK: Duration = Duration::from_secs(2);

impl PackageFile {
    /// Makes a package of an open file; `None` if it is not a regular one (folder, device, FIFO,
    /// socket).
    ///
    /// `name` is the file name of a download.
    pub fn new(file: File, name: &str) -> io::Result<Option<Self>> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        Ok(Some(Self {
            len: metadata.len(),
            modified: moment(metadata.mtime(), metadata.mtime_nsec()),
            changed: moment(metadata.ctime(), metadata.ctime_nsec()),
            stamp: Stamp::of(&metadata),
            name: name.to_owned(),
            place: None,
            file,
        }))
    }

    /// Size in bytes when it was opened.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it held no byte when it was opened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// When its content was last written, as the file system tells it.
    #[must_use]
    pub fn modified(&self) -> SystemTime {
        self.modified
    }

    /// A short ASCII text that differs whenever the content may differ, and is the same for an
    /// untouched file after a restart. It holds no quote, blank or comma.
    ///
    /// Made of size, modification time and change time, in nanoseconds. The change time cannot be
    /// set by programs, so a file replaced by another of equal size whose date was kept (`cp -p`,
    /// `rsync -t`, reproducible builds) still gets a new version. The price is that two servers
    /// with copies of one file disagree: a download resumed at the other server starts over. Mixing
    /// two files would be worse. It does not change at a second write of equal size within one tick
    /// of the file system's clock, some milliseconds on Linux before 6.13: put packages in place by
    /// renaming them.
    #[must_use]
    pub fn version(&self) -> String {
        self.stamp.version()
    }

    /// [`PackageFile::version`], and which file of its file system it is: two files that were
    /// written alike at the same moment differ too. For remembered data of a file: a needless
    /// difference does no harm there.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}-{:x}", self.stamp.version(), self.stamp.inode)
    }

    /// Returns how long after `now` it takes until every further change is sure to show in
    /// [`PackageFile::version`]; `None` if that is so already. A file whose change time is later
    /// than `now` by more than that has a wrong clock, and waiting does not help.
    #[must_use]
    pub fn settles_in(&self, now: SystemTime) -> Duration {
        let since = self.changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let tick = if since.subsec_nanos() == 0 { COARSE_TICK } else { TICK };
        match now.duration_since(self.changed) {
            Ok(age) => tick.saturating_sub(age),
            Err(ahead) if ahead.duration() <= tick => tick + ahead.duration(),
            Err(_) => Duration::ZERO,
        }
    }

    /// Returns whether the open file is unchanged since it was opened: it was not written to,
    /// whatever its modification time was set to afterwards, and not moved or deleted either.
    pub fn untouched(&self) -> io::Result<bool> {
        Ok(Stamp::of(&self.file.metadata()?) == self.stamp)
    }

    /// The file name for the customer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the same file, with another name for the customer.
    fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Returns the same file, with its place.
    fn at(self, place: Option<RealPlace>) -> Self {
        Self { place, ..self }
    }

    /// Returns its place, if its folder records it.
    #[must_use]
    pub fn place(&self) -> Option<&RealPlace> {
        self.place.as_ref()
    }

    /// Whether the open file still has the size and modification time it was opened with. A
    /// file that was renamed over or deleted is unchanged: the open one is still the old one.
    pub fn unchanged(&self) -> io::Result<bool> {
        let metadata = self.file.metadata()?;
        Ok(metadata.len() == self.len
            && moment(metadata.mtime(), metadata.mtime_nsec()) == self.modified)
    }

    /// The open file. Read it by offset: its own position is not kept.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }
}

/// Why a package could not be opened. The messages are for the log, not for the customer.
#[derive(Debug, Error)]
pub enum PackageError {
    /// No such file, or a part of its path is not a folder.
    NotFound {
        /// As in the settings.
        path: PackagePath,
    },
    /// A symbolic link on the way leads out of the folder.
    Outside {
        /// As in the settings.
        path: PackagePath,
    },
    /// A folder, device, FIFO or socket.
    NotRegular {
        /// As in the settings.
        path: PackagePath,
    },
    /// The file system refuses to let this process read it.
    Unreadable {
        /// As in the settings.
        path: PackagePath,
        /// The file system's error.
        source: io::Error,
    },
    /// The package folder itself cannot be opened.
    NoFolder {
        /// The configured folder.
        folder: PathBuf,
        /// The file system's error.
        source: io::Error,
    },
    /// The file must not leave the server: its signature is missing or bad.
    Unsigned {
        /// As in the settings.
        path: PackagePath,
        /// The reason, with the remedy.
        reason: Told,
    },
    /// A failure of the storage, not of the file: I/O error, no file handles left.
    Storage {
        /// As in the settings.
        path: PackagePath,
        /// The system's error.
        source: io::Error,
    },
}

tells!(PackageError {
    Self::NotFound { path } => told!(
        "package file `{path}` does not exist" =>
        "upload it or correct its settings line"
    ),
    Self::Outside { path } => told!(
        "package file `{path}` leads out of the package folder" =>
        "replace the symbolic link by the file, or add the folder it leads to to `allow_roots` in \
         `[release]`"
    ),
    Self::NotRegular { path } => told!(
        "package file `{path}` is not a regular file" =>
        "correct its settings line"
    ),
    Self::Unreadable { path, .. } => told!(
        "package file `{path}` cannot be read" =>
        "give the service's user the right to read it"
    ),
    Self::NoFolder { folder, .. } => told!(
        "package folder `{}` cannot be opened", folder.display() =>
        "correct the plugin's folder setting or the folder's rights"
    ),
    Self::Unsigned { path, reason } => {
        reason.clone().after(format_args!("package file `{path}` is refused: "))
    },
    Self::Storage { path, .. } => told!(
        "package file `{path}` could not be opened" =>
        "check the storage and try again"
    ),
});

impl PackageError {
    /// Returns the same error of another path.
    fn of(self, path: &PackagePath) -> Self {
        let path = path.clone();
        match self {
            Self::NotFound { .. } => Self::NotFound { path },
            Self::Outside { .. } => Self::Outside { path },
            Self::NotRegular { .. } => Self::NotRegular { path },
            Self::Unreadable { source, .. } => Self::Unreadable { path, source },
            Self::Unsigned { reason, .. } => Self::Unsigned { path, reason },
            Self::Storage { source, .. } => Self::Storage { path, source },
            other @ Self::NoFolder { .. } => other,
        }
    }

    /// Returns whether the storage failed, so that the same request may succeed later; every other
    /// error is about the file or the folder and stays until it is corrected.
    #[must_use]
    pub fn is_storage_failure(&self) -> bool {
        match self {
            Self::Storage { .. } => true,
            Self::NoFolder { source, .. } => !matches!(
                Errno::from_io_error(source),
                Some(
                    Errno::NOENT
                        | Errno::NOTDIR
                        | Errno::NAMETOOLONG
                        | Errno::ACCESS
                        | Errno::PERM
                        | Errno::LOOP
                )
            ),
            Self::NotFound { .. }
            | Self::Outside { .. }
            | Self::NotRegular { .. }
            | Self::Unsigned { .. }
            | Self::Unreadable { .. } => false,
        }
    }
}

/// The metadata that tells contents apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    fn version(&self) -> String {
        let Self { len, modified: (modified, ns), changed: (changed, changed_ns), .. } = self;
        format!("{len:x}-{modified:x}.{ns:x}-{changed:x}.{changed_ns:x}")
    }
}

/// Built from the numbers because the standard library's own conversion may refuse odd ones.
fn moment(seconds: i64, nanos: i64) -> SystemTime {
    let nanos = u32::try_from(nanos).unwrap_or(0);
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let second = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    second
        .and_then(|second| second.checked_add(Duration::from_nanos(u64::from(nanos))))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
