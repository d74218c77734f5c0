//! Reads the bytes of a `configuration.php`, or says why that is not possible.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::error::JoomlaPhpError;
use crate::named_file;

/// The largest size that is read; Joomla's own file has a few thousand bytes.
const LIMIT: u64 = 1024 * 1024;

/// Reads the whole file.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, JoomlaPhpError> {
    named_file::read(file, LIMIT).map_err(|source| explained(file, source))
}

fn explained(file: &Path, source: io::Error) -> JoomlaPhpError {
    let file = file.to_path_buf();
    match source.kind() {
        io::ErrorKind::NotFound => JoomlaPhpError::Missing { file },
        io::ErrorKind::FileTooLarge => JoomlaPhpError::TooLarge { file, limit: LIMIT },
        io::ErrorKind::InvalidInput | io::ErrorKind::TimedOut => {
            JoomlaPhpError::NotAFile { file, reason: source.to_string() }
        }
        io::ErrorKind::PermissionDenied => {
            let who = owners(&file);
            JoomlaPhpError::Forbidden { file, who }
        }
        _ => JoomlaPhpError::Unreadable { file, source },
    }
}

/// Returns the users of the process and of the file, if the system gives them.
fn owners(file: &Path) -> String {
    // On Linux, this folder belongs to the user of this process.
    let process = fs::metadata("/proc/self").map(|data| format!(" of user {}", data.uid()));
    let owner = fs::metadata(file).map(|data| {
        let mode = data.mode() & 0o7777;
        format!(" (it belongs to user {}, group {}, mode {mode:04o})", data.uid(), data.gid())
    });
    process.unwrap_or_default() + &owner.unwrap_or_default()
}
