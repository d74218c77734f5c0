//! Where an open package really is, for somebody who opens it once more by its name.
//!
//! Told by `packages::folder` to who sends the file, a web server in front for one. Must not
//! import: `release`.

use std::{
    ffi::OsString,
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd},
        unix::ffi::OsStringExt,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD},
    io::Errno,
};

/// The name of an open file, without a symbolic link on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealPlace {
    path: PathBuf,
    below_folder: Option<PathBuf>,
}

impl RealPlace {
    /// Asks the kernel. `None` when no name leads to the file any more: it was deleted or
    /// replaced since it was opened, or is on a file system that this process cannot name.
    pub(super) fn of(file: impl AsFd, folder: impl AsFd) -> Option<Self> {
        let path = whereabouts(file.as_fd()).ok().filter(|path| path.is_absolute())?;
        let opened = rustix::fs::fstat(&file).ok()?;
        let named = rustix::fs::statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        if (opened.st_dev, opened.st_ino) != (named.st_dev, named.st_ino) {
            return None;
        }
        let folder = whereabouts(folder.as_fd()).ok()?;
        let below_folder = path.strip_prefix(folder).ok().map(Path::to_owned);
        Some(Self { path, below_folder })
    }

    /// From the root of the file system.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From the package folder; `None` for a file in another folder that a link leads to.
    #[must_use]
    pub fn below_folder(&self) -> Option<&Path> {
        self.below_folder.as_deref()
    }
}

/// Where an open file is now, all links resolved. Relative when it is nowhere (a detached mount),
/// so that no absolute folder contains it.
pub(super) fn whereabouts(file: BorrowedFd<'_>) -> Result<PathBuf, Errno> {
    let target = rustix::fs::readlinkat(CWD, magic_link(file), Vec::new())?;
    Ok(OsString::from_vec(target.into_bytes()).into())
}

/// A name that leads to an open file, whatever became of its own.
pub(super) fn magic_link(file: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}
