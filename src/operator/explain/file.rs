//! The file of a package: its existence, size and checksum.
//!
//! A download opens it; if one is refused before that, its own code opens it for the explanation.

use std::error::Error as _;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::methods::{Decision, NotOpened, Recorded, Release};
use crate::packages::PackageFile;
use crate::release::package_path::PackagePath;
use crate::release::settings::Package;
use crate::site::Settings;
use crate::words;

use super::step::{Step, StepOutcome};

/// Told how many bytes of how many are read; for a progress bar.
pub type ReadProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// The facts about a package's file.
#[derive(Debug, Clone, Serialize)]
pub struct FileFacts {
    /// The whole path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, in lower-case hexadecimal; `None` if reading failed.
    pub sha256: Option<String>,
}

/// Returns the step and the facts; `decided` holds the decision of a download, if it came so far.
pub(super) async fn step(
    release: &Release,
    settings: &Settings,
    package: &Package,
    decided: &[Decision],
    progress: ReadProgress,
) -> (Step, Option<FileFacts>) {
    let path = package.path.as_ref().map(PackagePath::as_str).unwrap_or_default();
    let whole = settings.folder_path.join(path).display().to_string();
    if let Some(reason) = not_opened(decided) {
        return (refused(reason, &whole), None);
    }
    let mut log = Recorded::default();
    if let Ok(file) = release.open(settings, package, &mut log).await {
        return found(file, whole, progress).await;
    }
    let reason = not_opened(&log.0).unwrap_or(&NotOpened::Silent);
    (refused(reason, &whole), None)
}

fn not_opened(decisions: &[Decision]) -> Option<&NotOpened> {
    decisions.iter().find_map(|decision| match decision {
        Decision::File(Err(reason)) => Some(reason),
        _ => None,
    })
}

fn refused(reason: &NotOpened, whole: &str) -> Step {
    match reason {
        NotOpened::NoPath(error) => {
            Step::refused("file", "the package's line names no usable file").with(error.to_string())
        }
        NotOpened::Silent => {
            let step =
                Step::new("file", StepOutcome::Unknown, "the package folder does not answer");
            step.with(whole).with("check its file system")
        }
        NotOpened::Failed(error) => {
            let outcome = if error.is_storage_failure() {
                StepOutcome::Unknown
            } else {
                StepOutcome::Refused
            };
            let cause = error.source().map(|cause| format!("the system says: {cause}"));
            let step = Step::new("file", outcome, error.to_string());
            step.with(format!("looked for: {whole}")).with_all(cause)
        }
    }
}

async fn found(
    file: PackageFile,
    whole: String,
    progress: ReadProgress,
) -> (Step, Option<FileFacts>) {
    let (size, modified) = (file.len(), file.modified());
    let sum = spawn_blocking(move || checksum(&file, &progress)).await;
    let sum = sum.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
    let exact = if size < 1024 { String::new() } else { format!(" ({size} bytes)") };
    let title = format!("the file is there, {}{exact}", words::size(size));
    let mut step = Step::ok("file", title).with(whole.clone());
    if let Ok(modified) = Timestamp::try_from(modified) {
        let modified = modified.strftime("%Y-%m-%d %H:%M:%S UTC");
        step = step.with(format!("last changed {modified}"));
    }
    if size == 0 && sum.is_ok() {
        step = step.with("it is empty: was it uploaded completely?");
    }
    step = match &sum {
        Ok(sum) => step.with(format!("sha256 {sum}")),
        Err(error) => {
            step.outcome = StepOutcome::Unknown;
            step.with(format!("it cannot be read to its end, so downloads break: {error}"))
        }
    };
    (step, Some(FileFacts { path: whole, size, sha256: sum.ok() }))
}

fn checksum(file: &PackageFile, progress: &ReadProgress) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut at = 0;
    loop {
        let read = match file.file().read_at(&mut buffer, at) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(buffer.get(..read).unwrap_or_default());
        at = at.saturating_add(read as u64);
        progress(at, file.len());
    }
    Ok(base16ct::lower::encode_string(&hash.finalize()))
}
