//! Reads a file that the configuration names: whole, with a limit of size and of time.
//!
//! The only way to read them: configuration files, secrets, keys, templates, certificates. A name
//! may lead anywhere: to a pipe without data, to a device without end, to a file system whose
//! server is gone. A caller gets a result all the same.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::OFlags;

/// Bytes of a file with settings at most.
pub const SETTINGS: u64 = 4 * 1024 * 1024;
/// Bytes of a file with certificates or a key of TLS at most.
pub const CERTIFICATES: u64 = 16 * 1024 * 1024;
/// Bytes of a secret at most.
pub const SECRET: u64 = 64 * 1024;

/// How long a file may take. One on a slow network needs less; a service manager waits longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Readings that hang at the same time: each keeps a thread.
const MOST_HANGING: usize = 16;
static HANGING: AtomicUsize = AtomicUsize::new(0);

/// Reads the whole file. Blocks for at most five seconds: do not call it on threads that answer
/// requests.
///
/// # Errors
/// Returns the system's error. `InvalidInput`: the name does not lead to a file; `FileTooLarge`;
/// `TimedOut`. Each message fits behind a name and a colon.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    within(PATIENCE, move || whole(&path, limit))
}

/// The whole file, which is text.
///
/// # Errors
/// As [`read`]; `InvalidData`: it is no UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let not_text =
        |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(read(path, limit)?).map_err(not_text)
}

fn whole(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // A pipe is not waited for, and a terminal does not become ours.
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if let Some(what) = no_file(metadata.file_type(), metadata.rdev()) {
        let told = format!("it is {what}, not a file");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, told));
    }
    bounded(&mut file, limit)
}

fn bounded(file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let told = format!("it is larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, told));
    }
    Ok(bytes)
}

/// Names the type of a file that is not a regular one. `/dev/null` is as good as an empty file.
fn no_file(kind: FileType, device: u64) -> Option<&'static str> {
    let null = rustix::fs::makedev(1, 3);
    match () {
        () if kind.is_file() || (kind.is_char_device() && device == null) => None,
        // The system says so itself.
        () if kind.is_dir() => None,
        () if kind.is_fifo() => Some("a FIFO"),
        () if kind.is_socket() => Some("a socket"),
        () => Some("a device"),
    }
}

/// Metadata that tells one content of a file from another, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    place: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Identifies files; `None` for one that does not exist. Blocks for at most five seconds.
///
/// # Errors
/// Fails if the system does not answer for one, or if an earlier call still hangs.
pub fn identities(paths: Vec<PathBuf>) -> io::Result<Vec<Option<Identity>>> {
    if HANGING.load(Ordering::Relaxed) > 0 {
        return Err(io::Error::other("a file does not answer"));
    }
    within(PATIENCE, move || Ok(paths.iter().map(|path| identity(path)).collect()))
}

fn identity(path: &Path) -> Option<Identity> {
    let data = path.metadata().ok()?;
    Some(Identity {
        place: (data.dev(), data.ino()),
        size: data.size(),
        modified: (data.mtime(), data.mtime_nsec()),
        changed: (data.ctime(), data.ctime_nsec()),
    })
}

fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    if HANGING.load(Ordering::Relaxed) >= MOST_HANGING {
        return Err(io::Error::other("too many files on this machine do not answer"));
    }
    let (tell, told) = mpsc::sync_channel(1);
    // A thread of its own: if it hangs, it is left behind and delays no shutdown.
    thread::Builder::new().name("file".into()).spawn(move || {
        HANGING.fetch_add(1, Ordering::Relaxed);
        let done = work();
        HANGING.fetch_sub(1, Ordering::Relaxed);
        let _ = tell.send(done);
    })?;
    told.recv_timeout(patience).unwrap_or_else(|_| {
        let told = format!("it does not answer within {} s", patience.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, told))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test is meant to stop there")]

    use std::io;
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::{read, read_text, within};

    #[test]
    fn what_hangs_is_left_behind() {
        let (let_go, wait) = channel::<()>();
        let hung = within(Duration::ZERO, move || {
            let _ = wait.recv();
            Ok(())
        });
        assert_eq!(hung.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(let_go);
    }

    #[test]
    fn only_files_are_read_and_no_more_than_the_limit() {
        let error = |path: &str| read(Path::new(path), 10).unwrap_err().to_string();
        assert_eq!(error("/dev/zero"), "it is a device, not a file");
        assert_eq!(error("/"), "Is a directory (os error 21)");
        assert_eq!(error("/proc/self/status"), "it is larger than 10 bytes");
        assert_eq!(read_text(Path::new("/dev/null"), 10).unwrap(), "");
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert_eq!(read(&fifo, 10).unwrap_err().to_string(), "it is a FIFO, not a file");
    }
}
