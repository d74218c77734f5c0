//! Why a `configuration.php` cannot be used: whole, or one of its fields.
//!
//! No message holds a value: they may be passwords.

use std::path::PathBuf;

/// What went wrong with a `configuration.php`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoomlaPhpError {
    /// There is no such file.
    #[error(
        "`{}` does not exist: give the folder of the Joomla site that holds `configuration.php`",
        .file.display()
    )]
    Missing {
        /// The file asked for.
        file: PathBuf,
    },

    /// This process may not read the file.
    #[error(
        "`{}` cannot be read by this process{who}: run the bridge as that user or in the file's \
         group, or give it read permission",
        .file.display()
    )]
    Forbidden {
        /// The file asked for.
        file: PathBuf,
        /// Whose process this is and whose file, as far as known.
        who: String,
    },

    /// The file is there, but reading it failed.
    #[error("`{}` cannot be read: check the path and the disk", .file.display())]
    Unreadable {
        /// The file asked for.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// The name leads to something else, or to a disk that does not answer.
    #[error(
        "`{}` cannot be read: {reason}: put Joomla's own `configuration.php` there",
        .file.display()
    )]
    NotAFile {
        /// The file asked for.
        file: PathBuf,
        /// What it is.
        reason: String,
    },

    /// The file is far larger than any `configuration.php`.
    #[error(
        "`{}` is larger than {limit} bytes: give the path of Joomla's own `configuration.php`",
        .file.display()
    )]
    TooLarge {
        /// The file asked for.
        file: PathBuf,
        /// The most that is read.
        limit: u64,
    },

    /// The file has no class `JConfig`.
    #[error(
        "`{}` has no class `JConfig`: give the path of Joomla's own `configuration.php`",
        .file.display()
    )]
    NoClass {
        /// The file read.
        file: PathBuf,
    },

    /// The file is not PHP, as far as this reader knows PHP.
    #[error(
        "`{}` line {line}: {construct} is not understood: correct the file, or write its values \
         into the bridge's configuration file and leave out the Joomla folder",
        .file.display()
    )]
    Syntax {
        /// The file read.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        construct: String,
    },

    /// Something in the class can change any field when PHP runs it.
    #[error(
        "`{}` line {line}: {construct} can change every field of `JConfig`, and PHP code is not \
         run here: write the values into the bridge's configuration file and leave out the \
         Joomla folder",
        .file.display()
    )]
    Dynamic {
        /// The file read.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        construct: String,
    },

    /// The value of one field is not known without running PHP code.
    #[error(
        "`{}` line {line}: the value of `${field}` needs PHP to be run ({construct}): write the \
         value into the bridge's configuration file",
        .file.display()
    )]
    NotLiteral {
        /// The file read.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field asked for.
        field: String,
        /// What its value is made of.
        construct: String,
    },

    /// The value of one field is not of the kind asked for.
    #[error(
        "`{}` line {line}: `${field}` {problem}: correct the file, or write the value into the \
         bridge's configuration file",
        .file.display()
    )]
    WrongKind {
        /// The file read.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field asked for.
        field: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A construct whose value, or whose end, is not known. Becomes a [`JoomlaPhpError`] once the
/// file and the field are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The line, from 1.
    pub(super) line: usize,
    /// What stands there, never with its value.
    pub(super) construct: String,
}

impl Refusal {
    pub(super) fn new(line: usize, construct: impl Into<String>) -> Self {
        let construct = construct.into();
        Self { line, construct }
    }
}
