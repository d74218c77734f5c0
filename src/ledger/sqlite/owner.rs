//! Makes the files of a ledger belong to the ledger's owner, also if root runs a command.
//!
//! SQLite makes files beside the ledger (`-wal`, `-shm`). If they were root's, a service without
//! privileges could not write its ledger any more. So the thread of the ledger gives up root's
//! rights for the owner's; the other threads of the process keep theirs.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};

/// Lets this thread act as the owner of the ledger, or of its folder if there is no ledger yet.
pub(super) fn become_owner_of(path: &Path) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let owner = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::metadata(path.parent().unwrap_or(Path::new("/")))?
        }
        found => found?,
    };
    if owner.uid() == Uid::ROOT.as_raw() {
        return Ok(());
    }
    let group = Gid::from_raw(owner.gid());
    set_thread_groups(&[group])?;
    set_thread_gid(group)?;
    set_thread_uid(Uid::from_raw(owner.uid()))?;
    Ok(())
}
