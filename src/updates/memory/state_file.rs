//! The file in which checksums outlive a restart. All of it blocks.
//!
//! Called by the memory. It is written beside and renamed, so that a reader never sees a part of
//! it. If two services use one file, the last one to write wins.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;

use super::format::{self, Content, FormatError, LARGEST};
use crate::mask::printable;
use crate::told::{tells, told};

/// The ending of an unfinished file; the rest of its name is random.
const UNFINISHED: &str = ".new";
/// A file being written that is older was left by a process that was killed.
const LEFT_BEHIND: Duration = Duration::from_mins(10);

/// Why the file cannot be used. The messages are for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// It holds no checksums.
    Content {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
        /// Whether it may be overwritten: it is one of ours.
        ours: bool,
    },
}

tells!(StateError {
    Self::Write { path, source } => told!(
        "checksums cannot be remembered: `{}` cannot be written ({source})", shown(path) =>
        "let the service's user write into its folder, or name another file as `checksum_file` in \
         `[updates]`"
    ),
    Self::Read { path, source } => told!(
        "remembered checksums cannot be read: `{}` ({source})", shown(path) =>
        "let the service's user read it, or name another file as `checksum_file` in `[updates]`"
    ),
    Self::Content { path, reason, .. } => told!(
        "remembered checksums cannot be used: `{}`", shown(path) =>
        "{reason}"
    ),
});

impl StateError {
    /// Whether the file is one of ours, or might be, so that writing it does no harm.
    pub(super) fn may_be_replaced(&self) -> bool {
        !matches!(self, Self::Content { ours: false, .. })
    }
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The file.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
}

impl StateFile {
    /// The file at this path, which need not exist; its folder must.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Can it be written? Tries it beside the file.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn try_writing(&self) -> Result<(), StateError> {
        self.beside().map(drop).map_err(|source| self.unwritable(source))
    }

    /// Reads its contents; empty if it does not exist.
    pub(super) fn read(&self) -> Result<Content, StateError> {
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::default()),
            Err(source) => return Err(StateError::Read { path: self.path.clone(), source }),
        };
        let content = |reason, ours| StateError::Content { path: self.path.clone(), reason, ours };
        match format::read(&bytes) {
            Err(reason @ FormatError::Foreign) => Err(content(reason.to_string(), false)),
            _ if bytes.len() > LARGEST => Err(content("it is too large".into(), true)),
            Err(reason) => Err(content(reason.to_string(), true)),
            Ok(content) => Ok(content),
        }
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        // A pipe is not waited for.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Replaces it. Only its owner may read it: the names of paid packages are private.
    pub(super) fn write(&self, text: &str) -> Result<(), StateError> {
        let written = || {
            let file = self.beside()?;
            let mut open = file.as_file();
            open.write_all(text.as_bytes())?;
            open.sync_all()?;
            file.persist(&self.path)?;
            // That the new name outlives a power cut is worth a try.
            let _ = File::open(self.folder()).and_then(|folder| folder.sync_all());
            Ok(())
        };
        written().map_err(|source| self.unwritable(source))
    }

    /// Removes unfinished files of processes that were killed while writing.
    pub(super) fn tidy(&self) {
        let Ok(entries) = fs::read_dir(self.folder()) else { return };
        let prefix = self.prefix();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_old = || {
                let modified = entry.metadata().ok()?.modified().ok()?;
                Some(SystemTime::now().duration_since(modified).ok()? > LEFT_BEHIND)
            };
            if name.starts_with(&prefix) && name.ends_with(UNFINISHED) && is_old() == Some(true) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn beside(&self) -> io::Result<tempfile::NamedTempFile> {
        if self.path.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let file = tempfile::Builder::new()
            .prefix(&self.prefix())
            .suffix(UNFINISHED)
            .tempfile_in(self.folder());
        // Without the name it was to have.
        file.map_err(|error| error.kind().into())
    }

    fn prefix(&self) -> String {
        format!(".{}.", self.path.file_name().unwrap_or_default().to_string_lossy())
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn unwritable(&self, source: io::Error) -> StateError {
        StateError::Write { path: self.path.clone(), source }
    }
}
