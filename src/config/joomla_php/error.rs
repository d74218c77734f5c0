//! The reasons why a site's `configuration.php` cannot be used, and the remedies.
//!
//! Messages contain no values: they may be passwords.

use std::path::PathBuf;

use crate::told::{tells, told};
use joomla_config::{ClassError, FieldError};

/// The reason why a `configuration.php` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoomlaPhpError {
    /// There is no such file.
    Missing {
        /// The path of the file.
        file: PathBuf,
    },

    /// This process may not read the file.
    Forbidden {
        /// The path of the file.
        file: PathBuf,
        /// The users of the process and of the file, if they are known.
        who: String,
    },

    /// The file exists, but reading it failed.
    Unreadable {
        /// The path of the file.
        file: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },

    /// The path leads to something other than a file, or to a disk that does not answer.
    NotAFile {
        /// The path of the file.
        file: PathBuf,
        /// The kind of thing that was found.
        reason: String,
    },

    /// The file is far larger than any `configuration.php`.
    TooLarge {
        /// The path of the file.
        file: PathBuf,
        /// The largest size that is read.
        limit: u64,
    },

    /// No field of the file is known.
    Class {
        /// The path of the file.
        file: PathBuf,
        /// The reason.
        reason: ClassError,
    },

    /// The value of one field is not known.
    Field {
        /// The path of the file.
        file: PathBuf,
        /// The reason why its value is not known.
        reason: FieldError,
    },
}

tells!(JoomlaPhpError {
    Self::Missing { file } => told!(
        "`{}` does not exist", file.display() =>
        "give the folder of the Joomla site that holds `configuration.php`"
    ),
    Self::Forbidden { file, who } => told!(
        "`{}` cannot be read by this process{who}", file.display() =>
        "run the bridge as that user or in the file's group, or give it read permission"
    ),
    Self::Unreadable { file, .. } => told!(
        "`{}` cannot be read", file.display() =>
        "check the path and the disk"
    ),
    Self::NotAFile { file, reason } => told!(
        "`{}` cannot be read: {reason}", file.display() =>
        "put Joomla's own `configuration.php` there"
    ),
    Self::TooLarge { file, limit } => told!(
        "`{}` is larger than {limit} bytes", file.display() =>
        "give the path of Joomla's own `configuration.php`"
    ),
    Self::Class { file, reason } => told!("`{}` {reason}", file.display() => "{}", for_all(reason)),
    Self::Field { file, reason } => told!("`{}` {reason}", file.display() => "{}", for_one(reason)),
});

/// Returns the remedy if no field is known.
fn for_all(reason: &ClassError) -> &'static str {
    match reason {
        ClassError::Missing => "give the path of Joomla's own `configuration.php`",
        ClassError::Dynamic { .. } => {
            "write the values into the bridge's configuration file and leave out the Joomla folder"
        }
        _ => {
            "correct the file, or write its values into the bridge's configuration file and leave \
             out the Joomla folder"
        }
    }
}

/// Returns the remedy if one field is not known.
fn for_one(reason: &FieldError) -> &'static str {
    match reason {
        FieldError::NotLiteral { .. } => "write the value into the bridge's configuration file",
        _ => "correct the file, or write the value into the bridge's configuration file",
    }
}
