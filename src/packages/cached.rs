//! Opens a package at once when the kernel has its name in memory, so that a download needs no
//! other thread.
//!
//! Used by `packages::folder` before it hands an open to a thread that may wait. Whatever is not
//! plainly a regular file inside the folder gives nothing here: the thread finds out why. Must not
//! import: `methods`.
//!
//! `RESOLVE_CACHED` (Linux 5.12) keeps the kernel from asking a disk for the name. What follows is
//! done on file systems of this machine alone: those over a network, and those that a program
//! serves, could let any call wait.

use std::{
    fs::File,
    os::fd::AsFd,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags};

use super::PackageFile;
use crate::release::package_path::PackagePath;

/// Magic numbers of `statfs`: ext2 to ext4, XFS, Btrfs, tmpfs, overlayfs, F2FS, ZFS.
const LOCAL: [u32; 7] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630, 0xf2f5_2010, 0x2fc1_2fc1];

/// The device of a package folder, once it is known to be one of this machine.
#[derive(Debug, Default)]
pub(super) struct LocalDevice(AtomicU64);

impl LocalDevice {
    /// Looks at an open package folder. May wait.
    pub(super) fn learn(&self, folder: impl AsFd) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the numbers have 32 bits, in types that differ between machines"
        )]
        let is_local = rustix::fs::fstatfs(&folder)
            .is_ok_and(|statfs| LOCAL.contains(&(statfs.f_type as u32)));
        let device = if is_local { device(folder) } else { None };
        self.0.store(device.unwrap_or_default(), Ordering::Relaxed);
    }

    /// Opens a package in the folder at `root`, without waiting. `None` says nothing about it.
    ///
    /// The folder's device must be the known one, and no mount may lie on the way: a link that is
    /// switched to another file system is met by a thread first.
    pub(super) fn open(
        &self,
        root: &Path,
        path: &PackagePath,
        reading: OFlags,
    ) -> Option<(PackageFile, impl AsFd + use<>)> {
        let known = self.0.load(Ordering::Relaxed);
        if known == 0 {
            return None;
        }
        let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root =
            rustix::fs::openat2(CWD, root, folder, Mode::empty(), ResolveFlags::CACHED).ok()?;
        if device(&root) != Some(known) {
            return None;
        }
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
        let resolve = inside | ResolveFlags::CACHED;
        let file =
            rustix::fs::openat2(&root, path.as_str(), reading, Mode::empty(), resolve).ok()?;
        let file = PackageFile::new(File::from(file), path.file_name()).ok().flatten()?;
        Some((file, root))
    }
}

/// The device of an open folder, from what the kernel knows; never 0.
fn device(folder: impl AsFd) -> Option<u64> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let found = rustix::fs::statx(folder, "", flags, StatxFlags::empty()).ok()?;
    let device = u64::from(found.stx_dev_major) << 32 | u64::from(found.stx_dev_minor);
    (device != 0).then_some(device)
}
