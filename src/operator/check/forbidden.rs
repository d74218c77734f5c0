//! Which folder or file keeps this process out, and the command that lets it in.
//!
//! For the check of package files: it learns that access is refused, and looks here for the cause.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::process::geteuid;

/// A part of a path that this process may not pass or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forbidden {
    pub(super) path: PathBuf,
    is_folder: bool,
}

/// The first part of a path that forbids: a folder on the way that may not be passed, or the last
/// part, which may not be read. `None` if it can be read.
pub(super) fn first(path: &Path) -> Option<Forbidden> {
    let mut parts: Vec<&Path> = path.ancestors().filter(|part| part.is_absolute()).collect();
    parts.reverse();
    let (last, above) = parts.split_last()?;
    let shut = |part: &&&Path| !may(part, Access::EXEC_OK);
    if let Some(folder) = above.iter().find(shut) {
        return Some(Forbidden { path: folder.to_path_buf(), is_folder: true });
    }
    let is_folder = last.is_dir();
    let needed = if is_folder { Access::EXEC_OK } else { Access::READ_OK };
    (!may(last, needed)).then(|| Forbidden { path: last.to_path_buf(), is_folder })
}

impl Forbidden {
    /// Says in words which access is forbidden.
    pub(super) fn what(&self) -> String {
        let verb = if self.is_folder { "pass the folder" } else { "read the file" };
        format!("the account {} may not {verb} `{}`", user(), self.path.display())
    }

    /// Returns the commands that allow it: for this account only, or for all users of the machine.
    pub(super) fn commands(&self) -> [String; 2] {
        let right = if self.is_folder { 'x' } else { 'r' };
        let path = quoted(&self.path);
        [format!("setfacl -m u:{}:{right} {path}", user()), format!("chmod o+{right} {path}")]
    }
}

/// Asks for the present rights of this process, which may differ from those of the user who started
/// it.
fn may(path: &Path, access: Access) -> bool {
    accessat(CWD, path, access, AtFlags::EACCESS) != Err(rustix::io::Errno::ACCESS)
}

/// Returns the name of the account that this process runs as, or its number if it has no name.
fn user() -> String {
    let uid = geteuid().as_raw().to_string();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    name.unwrap_or(uid)
}

/// As a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@:,".contains(letter);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
