//! Packages in a folder of this machine, which no path and no symbolic link can leave.
//!
//! Made by `service` from the settings and used through [`Packages`]. The rules are those of
//! `docs/release.md`, "Plugin settings". Must not import: `methods`, `site`.
//!
//! Two proofs of containment, neither of which can be raced: 1. `openat2` with `RESOLVE_BENEATH`:
//! the kernel itself never leaves the folder on the way. It refuses every absolute link, so a
//! refusal is not yet a verdict. 2. Open first, ask later: the file is opened without access rights
//! (`O_PATH`), the kernel tells where the opened file really is (`/proc/self/fd`), and only when
//! that is below the folder or an allowed root is that same open file, not its name, opened for
//! reading. It also serves where `openat2` is missing: kernels before 5.6, strict sandboxes.

use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};
use tokio::sync::Semaphore;

use super::cached::LocalDevice;
use super::real_place::{self, RealPlace, magic_link, whereabouts};
use super::{Opening, PackageError, PackageFile, Packages};
use crate::release::package_path::PackagePath;

/// Opens that may wait for the disk at one time; the others queue without a thread.
const CONCURRENT_OPENS: usize = 8;

/// `RESOLVE_BENEATH` gives up when something is renamed while it looks; then it is asked again.
const RACE_RETRIES: usize = 8;

/// A package folder.
#[derive(Debug, Clone)]
pub struct Folder {
    place: Arc<FolderPlace>,
    opens: Arc<Semaphore>,
    device: Arc<LocalDevice>,
}

#[derive(Debug, Clone)]
struct FolderPlace {
    root: PathBuf,
    allow_roots: Vec<PathBuf>,
    ask_openat2: bool,
    tells_places: bool,
}

impl Folder {
    /// A folder whose packages may also be symbolic links into `allow_roots`.
    ///
    /// `root` may itself be a symbolic link or hold `..`: where it is, is the operator's
    /// decision. It is looked up anew at each open, so switching a link takes effect at once.
    #[must_use]
    pub fn new(root: PathBuf, allow_roots: Vec<PathBuf>) -> Self {
        Self::with(root, allow_roots, true)
    }

    /// As [`Folder::new`], but proves containment the way it is done where the kernel has no
    /// `openat2`. For sandboxes that kill a process for unknown system calls, and for tests.
    #[must_use]
    pub fn without_openat2(root: PathBuf, allow_roots: Vec<PathBuf>) -> Self {
        Self::with(root, allow_roots, false)
    }

    /// The same, whose files know their [`RealPlace`]: for a web server that sends them.
    #[must_use]
    pub fn telling_places(mut self) -> Self {
        Arc::make_mut(&mut self.place).tells_places = true;
        self
    }

    fn with(root: PathBuf, allow_roots: Vec<PathBuf>, ask_openat2: bool) -> Self {
        Self {
            place: Arc::new(FolderPlace { root, allow_roots, ask_openat2, tells_places: false }),
            opens: Arc::new(Semaphore::new(CONCURRENT_OPENS)),
            device: Arc::default(),
        }
    }
}

impl Packages for Folder {
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        Box::pin(async move {
            if let Some(file) = self.place.open_cached(path, &self.device) {
                return Ok(file);
            }
            let storage = |source| PackageError::Storage { path: path.clone(), source };
            let permit = Arc::clone(&self.opens)
                .acquire_owned()
                .await
                .map_err(|closed| storage(io::Error::other(closed)))?;
            let place = Arc::clone(&self.place);
            let device = Arc::clone(&self.device);
            let wanted = path.clone();
            let opening = tokio::task::spawn_blocking(move || {
                // Moved here so that an open nobody waits for any more still counts.
                let _permit = permit;
                place.open(&wanted, &device)
            });
            opening.await.unwrap_or_else(|stopped| Err(storage(io::Error::other(stopped))))
        })
    }

    fn check(&self) -> Result<(), PackageError> {
        let root = self.place.open_root()?;
        // The folder opens without any right to it; looking up a name in it needs one.
        rustix::fs::statat(&root, ".", AtFlags::empty())
            .map(drop)
            .map_err(|errno| self.place.no_folder(errno))
    }
}

impl FolderPlace {
    /// What needs no thread of its own.
    fn open_cached(&self, path: &PackagePath, device: &LocalDevice) -> Option<PackageFile> {
        if !self.ask_openat2 {
            return None;
        }
        let (file, root) = device.open(&self.root, path, reading())?;
        Some(self.placed(file, root))
    }

    fn open(&self, path: &PackagePath, device: &LocalDevice) -> Result<PackageFile, PackageError> {
        let root = self.open_root()?;
        device.learn(&root);
        let file = match self.beneath(root.as_fd(), path) {
            Ok(file) => file,
            Err(Errno::XDEV | Errno::NOSYS | Errno::PERM | Errno::AGAIN) => {
                self.proven(root.as_fd(), path)?
            }
            Err(errno) => return Err(refusal(path, errno)),
        };
        match PackageFile::new(File::from(file), path.file_name()) {
            Ok(Some(file)) => Ok(self.placed(file, root)),
            Ok(None) => Err(PackageError::NotRegular { path: path.clone() }),
            Err(source) => Err(PackageError::Storage { path: path.clone(), source }),
        }
    }

    fn placed(&self, file: PackageFile, root: impl AsFd) -> PackageFile {
        if !self.tells_places {
            return file;
        }
        let place = RealPlace::of(file.file(), root);
        file.at(place)
    }

    fn open_root(&self) -> Result<OwnedFd, PackageError> {
        open_place(&self.root).map_err(|errno| self.no_folder(errno))
    }

    fn no_folder(&self, errno: Errno) -> PackageError {
        PackageError::NoFolder { folder: self.root.clone(), source: errno.into() }
    }

    /// The first proof. A FIFO without a writer is opened at once thanks to `NONBLOCK`.
    fn beneath(&self, root: BorrowedFd<'_>, path: &PackagePath) -> Result<OwnedFd, Errno> {
        if !self.ask_openat2 {
            return Err(Errno::NOSYS);
        }
        for _ in 0..RACE_RETRIES {
            let opened = rustix::fs::openat2(
                root,
                path.as_str(),
                reading(),
                Mode::empty(),
                ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS,
            );
            if !matches!(opened, Err(Errno::AGAIN | Errno::INTR)) {
                return opened;
            }
        }
        Err(Errno::AGAIN)
    }

    /// The second proof.
    fn proven(&self, root: BorrowedFd<'_>, path: &PackagePath) -> Result<OwnedFd, PackageError> {
        let refused = |errno| refusal(path, errno);
        let found =
            rustix::fs::openat(root, path.as_str(), OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                .map_err(refused)?;
        let whereabouts = whereabouts(found.as_fd()).map_err(refused)?;
        let inside = |place: BorrowedFd<'_>| {
            real_place::whereabouts(place).is_ok_and(|place| whereabouts.starts_with(place))
        };
        let allowed = inside(root)
            || self
                .allow_roots
                .iter()
                .filter_map(|place| open_place(place).ok())
                .any(|place| inside(place.as_fd()));
        if !allowed {
            return Err(PackageError::Outside { path: path.clone() });
        }
        let kind = rustix::fs::fstat(&found).map_err(refused)?;
        if FileType::from_raw_mode(kind.st_mode) != FileType::RegularFile {
            return Err(PackageError::NotRegular { path: path.clone() });
        }
        rustix::fs::openat(CWD, magic_link(found.as_fd()), reading(), Mode::empty())
            .map_err(refused)
    }
}

fn open_place(place: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(
        CWD,
        place,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

fn reading() -> OFlags {
    OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

fn refusal(path: &PackagePath, errno: Errno) -> PackageError {
    let path = path.clone();
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG => PackageError::NotFound { path },
        // What opening a socket, or a device without a driver, answers.
        Errno::NXIO | Errno::NODEV => PackageError::NotRegular { path },
        Errno::ACCESS | Errno::PERM | Errno::LOOP => {
            PackageError::Unreadable { path, source: errno.into() }
        }
        _ => PackageError::Storage { path, source: errno.into() },
    }
}
