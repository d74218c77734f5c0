//! Mails as `.eml` files in a folder, for the demo and for tests.
//!
//! Put together by the application and used through [`Mailer`]. A file appears under its name only
//! when it is complete; names sort by time. Only the service's own user may read them, since they
//! hold license keys.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Access, access};

use super::{Mail, MailCheck, MailError, Mailer, Reached, Reaching, Sender, Sending};

/// Writes mails into a folder.
#[derive(Debug)]
pub struct Outbox {
    folder: PathBuf,
    sender: Sender,
    /// Tells mails of the same microsecond apart.
    count: AtomicU64,
}

impl Outbox {
    /// Mails go into `folder`, which is made when the first one comes.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, sender: Sender) -> Self {
        Self { folder: folder.into(), sender, count: AtomicU64::new(0) }
    }

    /// Seconds and microseconds since 1970, the process and a counter.
    fn next_name(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let (seconds, micros) = (now.as_secs(), now.subsec_micros());
        format!("{seconds:010}.{micros:06}-{}-{count:06}.eml", std::process::id())
    }
}

impl Mailer for Outbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = self.sender.compose(mail)?.formatted();
            let (folder, name) = (self.folder.clone(), self.next_name());
            tokio::task::spawn_blocking(move || write_whole(&folder, &name, &message))
                .await
                .unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
                .map_err(|source| MailError::Outbox { folder: self.folder.clone(), source })
        })
    }
}

impl MailCheck for Outbox {
    fn reach(&self) -> Reaching<'_> {
        let place = format!("folder `{}`", self.folder.display());
        let outcome = can_write(&self.folder)
            .map_err(|source| MailError::Outbox { folder: self.folder.clone(), source });
        Box::pin(async { vec![Reached { place, outcome }] })
    }
}

/// Checks that files can be made in the folder, or that a missing folder can be made.
fn can_write(folder: &Path) -> io::Result<()> {
    let existing = folder.ancestors().find(|ancestor| ancestor.exists());
    let existing = existing.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(existing, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Writes beside, then renames: a reader of the folder never sees half a mail.
fn write_whole(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".{name}.tmp"));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(message).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        // A failure to clean up has no remedy.
        let _ = fs::remove_file(&unfinished);
    }
    written
}
