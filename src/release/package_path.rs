//! The path of a package file, as the operator writes it in the plugin's settings.
//!
//! `release::settings` parses the second field of a package line into a [`PackagePath`], and
//! `packages` opens it inside the package folder. Must not import: `std::fs`, `packages`.

use std::fmt;

use thiserror::Error;

use crate::mask::printable;
use crate::told::{tells, told};

/// A path relative to the package folder that cannot name anything above it by its text alone.
///
/// Stored without leading slashes, double slashes and `.` components, so equal files written in two
/// ways compare equal. Symbolic links on the way are judged when the file is opened. The rules are
/// those of `docs/release.md`, "Plugin settings".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PackagePath(String);

/// The hexadecimal digits of a SHA-256 sum.
const SHA256_DIGITS: usize = 64;

impl PackagePath {
    /// Reads the path field of a package line; blanks around it are the caller's to remove.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.contains('\0') {
            return Err(PathError::Nul(printable(text)));
        }
        if text.contains('\\') {
            return Err(PathError::Backslash(printable(text)));
        }
        let components: Vec<&str> = text
            .split('/')
            .filter(|component| !component.is_empty() && *component != ".")
            .collect();
        if components.contains(&"..") {
            return Err(PathError::Parent(printable(text)));
        }
        let path = components.join("/");
        if path.trim().is_empty() {
            return Err(PathError::Empty);
        }
        if has_drive_letter(&path) {
            return Err(PathError::Drive(printable(text)));
        }
        if text.ends_with('/') || text.ends_with("/.") {
            return Err(PathError::Folder(printable(text)));
        }
        Ok(Self(path))
    }

    /// Makes the path of a release's private copy. `file_name` is the name of the download.
    ///
    /// It begins with a slash, which no path of a settings line does: a line cannot name a private
    /// copy. `None` unless the sum has 64 lower-case hexadecimal digits and the name no slash.
    #[must_use]
    pub fn of_release(sha256: &str, file_name: &str) -> Option<Self> {
        Self::stored(&format!("/{sha256}/{file_name}"))
    }

    /// Reads a path as [`PackagePath::as_str`] gives it.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let Some(copy) = text.strip_prefix('/') else {
            return Self::parse(text).ok().filter(|path| path.as_str() == text);
        };
        let (sha256, file_name) = copy.split_once('/')?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_sum = sha256.len() == SHA256_DIGITS && sha256.bytes().all(is_digit);
        let is_name = Self::parse(file_name).is_ok_and(|name| name.as_str() == file_name);
        (is_sum && is_name && !file_name.contains('/')).then(|| Self(text.to_owned()))
    }

    /// Returns the SHA-256 sum of a private copy; `None` for a file of the package folder.
    #[must_use]
    pub fn release_sum(&self) -> Option<&str> {
        self.0.strip_prefix('/')?.split_once('/').map(|(sha256, _)| sha256)
    }

    /// The whole path: components joined by single slashes. Only that of a private copy begins with
    /// a slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component, which is the name a customer's download gets. Never empty.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

/// Why a text is no package path. The message is meant for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// The path is empty once slashes and `.` components are dropped.
    Empty,
    /// A `..` component.
    Parent(String),
    /// A backslash anywhere.
    Backslash(String),
    /// A NUL byte anywhere.
    Nul(String),
    /// A Windows drive letter in front.
    Drive(String),
    /// A slash at the end, which only a folder can have.
    Folder(String),
}

tells!(PathError {
    Self::Empty => told!("the package path is empty" => "name a file below the package folder"),
    Self::Parent(it) => told!(
        "package path `{it}` holds a `..` component" =>
        "write it relative to the package folder, without `..`"
    ),
    Self::Backslash(it) => told!(
        "package path `{it}` holds a backslash" =>
        "separate folders with `/`"
    ),
    Self::Nul(it) => told!("package path `{it}` holds a NUL byte" => "remove it"),
    Self::Drive(it) => told!(
        "package path `{it}` starts with a drive letter" =>
        "write it relative to the package folder"
    ),
    Self::Folder(it) => told!("package path `{it}` names a folder" => "add the name of the file"),
});

fn has_drive_letter(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}
