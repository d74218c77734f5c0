//! Why a package stands in no update XML.

use std::io;

use joomla_updates::archive::ArchiveError;
use joomla_updates::target_platform::PatternError;

use crate::release::package_path::PathError;

/// Why a package is left out. The messages are for the operator, and end with the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No package is listed at all, for a reason told once.
    #[error("there is no update XML")]
    NoXml,
    /// Paid, and not to be advertised.
    #[error("paid: name its package group `{0}` under `listed` in `[updates]` to list it")]
    Paid(String),
    /// A higher version is for the same sites.
    #[error("superseded by `{0}`, and `versions = \"newest\"` in `[updates]`")]
    Superseded(String),
    /// A free package has the same extension and version.
    #[error("`{0}` is the same version of the same extension, and free")]
    AlsoFree(String),
    /// Its package group has no line.
    #[error("its package group `{0}` does not exist: downloads answer REL_GNF")]
    UnknownGroup(String),
    /// Its path is none.
    #[error("{0}")]
    Path(PathError),
    /// Its file cannot be opened; the text of the error.
    #[error("{0}")]
    File(String),
    /// Reading it failed.
    #[error("reading it failed ({0}): check the storage and try again")]
    Storage(io::ErrorKind),
    /// They are not known yet.
    #[error("its checksums are being computed")]
    Computing,
    /// It was written to meanwhile.
    #[error("its file changed while it was read: put it in place by renaming, and try again")]
    Changing,
    /// No usable manifest.
    #[error("{0}")]
    Archive(ArchiveError),
    /// The supported Joomla versions are not stated.
    #[error(
        "nothing says for which Joomla versions it is: set `targetplatform` in `[updates]`, for all \
         packages or for this one"
    )]
    NoTargetPlatform,
    /// The manifest's pattern is none.
    #[error("the target platform in its manifest: {0}")]
    TargetPlatform(PatternError),
    /// A version Joomla never takes for newer.
    #[error("its version `{0}` does not begin with a digit: Joomla never takes it for newer")]
    Version(String),
    /// The extension's element cannot be the name of an XML.
    #[error(
        "its XML cannot be called `{0}`: give it a name of letters, digits, `.`, `_` and `-` with `xml` \
         under `packages` in `[updates]`"
    )]
    Name(String),
    /// Two extensions for one XML.
    #[error(
        "`{0}.xml` would hold another extension too, and Joomla takes the highest version of an XML, \
         whichever it is of: give one of them another name with `xml` under `packages` in `[updates]`"
    )]
    SharedName(String),
    /// A lower version than before came in its place.
    #[error(
        "its file now holds version {new}, and {old} stood in the update XML: put {old} or a later one \
         there; to offer {new} again, name it by another path in its line"
    )]
    Lower {
        /// Of the file that is there.
        new: String,
        /// Of the one before.
        old: String,
    },
    /// Another extension came in its place.
    #[error(
        "its file now holds {new}, and {old} stood in the update XML: give {new} a line of its own, or \
         another path in this line"
    )]
    OtherExtension {
        /// Of the file that is there.
        new: String,
        /// Of the one before.
        old: String,
    },
    /// Another package has the same extension and version.
    #[error(
        "`{0}` is the same version of the same extension, and a Joomla could get either: correct the \
         version in one manifest, or their `targetplatform`"
    )]
    SameVersion(String),
}

impl Reason {
    /// Returns whether the settings line or the configuration excludes the package, whatever the
    /// file is. Its former entries are then removed too.
    #[must_use]
    pub fn is_of_line(&self) -> bool {
        matches!(self, Self::NoXml | Self::Paid(_) | Self::UnknownGroup(_) | Self::Path(_))
    }

    /// Is something to be mended? Else the operator wanted it so.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        !matches!(
            self,
            Self::NoXml | Self::Paid(_) | Self::Superseded(_) | Self::AlsoFree(_) | Self::Computing
        )
    }
}
