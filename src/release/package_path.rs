//! The path of a package file, as the operator writes it in the plugin's settings.
//!
//! `release::settings` parses the second field of a package line into a [`PackagePath`], and
//! `packages` opens it inside the package folder. Must not import: `std::fs`, `packages`.

use std::fmt;

use thiserror::Error;

use crate::mask::printable;

/// A path relative to the package folder that cannot name anything above it by its text alone.
///
/// Stored without leading slashes, double slashes and `.` components, so equal files written in
/// two ways compare equal. What a symbolic link on the way does is judged when the file is
/// opened. The rules are those of `docs/release.md`, "Plugin settings".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PackagePath(String);

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

    /// The whole path: components joined by single slashes, no leading slash.
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
    /// Nothing is left once slashes and `.` components are dropped.
    #[error("the package path is empty: name a file below the package folder")]
    Empty,
    /// A `..` component.
    #[error(
        "package path `{0}` holds a `..` component: write it relative to the package folder, without `..`"
    )]
    Parent(String),
    /// A backslash anywhere.
    #[error("package path `{0}` holds a backslash: separate folders with `/`")]
    Backslash(String),
    /// A NUL byte anywhere.
    #[error("package path `{0}` holds a NUL byte: remove it")]
    Nul(String),
    /// A Windows drive letter in front.
    #[error(
        "package path `{0}` starts with a drive letter: write it relative to the package folder"
    )]
    Drive(String),
    /// A slash at the end, which only a folder can have.
    #[error("package path `{0}` names a folder: add the name of the file")]
    Folder(String),
}

fn has_drive_letter(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}
