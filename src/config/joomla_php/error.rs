//! Why a site's `configuration.php` cannot be used, and what the operator can do.
//!
//! No message holds a value: they may be passwords.

use std::path::PathBuf;

use crate::told::{tells, told};
use joomla_config::{ClassError, FieldError};

/// What went wrong with a `configuration.php`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoomlaPhpError {
    /// There is no such file.
    Missing {
        /// The file asked for.
        file: PathBuf,
    },

    /// This process may not read the file.
    Forbidden {
        /// The file asked for.
        file: PathBuf,
        /// Whose process this is and whose file, as far as known.
        who: String,
    },

    /// The file is there, but reading it failed.
    Unreadable {
        /// The file asked for.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// The name leads to something else, or to a disk that does not answer.
    NotAFile {
        /// The file asked for.
        file: PathBuf,
        /// What it is.
        reason: String,
    },

    /// The file is far larger than any `configuration.php`.
    TooLarge {
        /// The file asked for.
        file: PathBuf,
        /// The most that is read.
        limit: u64,
    },

    /// No field of the file is known.
    Class {
        /// The file read.
        file: PathBuf,
        /// What stands in it.
        reason: ClassError,
    },

    /// The value of one field is not known.
    Field {
        /// The file read.
        file: PathBuf,
        /// Why its value is not known.
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

/// What to do when no field is known.
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

/// What to do when one field is not known.
fn for_one(reason: &FieldError) -> &'static str {
    match reason {
        FieldError::NotLiteral { .. } => "write the value into the bridge's configuration file",
        _ => "correct the file, or write the value into the bridge's configuration file",
    }
}
