//! Why a package stands in no update XML.

use std::io;

use joomla_updates::archive::ArchiveError;
use joomla_updates::target_platform::PatternError;

use crate::release::package_path::PathError;
use crate::told::{Told, tells, told};

/// Why a package is left out. The messages are for the operator, and end with the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No package is listed at all, for a reason told once.
    NoXml,
    /// A release that is on hold.
    Held,
    /// Paid, and not to be advertised.
    Paid(String),
    /// A higher version is for the same sites.
    Superseded(String),
    /// A free package has the same extension and version.
    AlsoFree(String),
    /// Its package group has no line.
    UnknownGroup(String),
    /// Its path is none.
    Path(PathError),
    /// Its file cannot be opened; the text of the error.
    File(String),
    /// Reading it failed.
    Storage(io::ErrorKind),
    /// They are not known yet.
    Computing,
    /// It was written to meanwhile.
    Changing,
    /// No usable manifest.
    Archive(ArchiveError),
    /// The supported Joomla versions are not stated.
    NoTargetPlatform,
    /// The manifest's pattern is none.
    TargetPlatform(PatternError),
    /// A version Joomla never takes for newer.
    Version(String),
    /// The extension's element cannot be the name of an XML.
    Name(String),
    /// Two extensions for one XML.
    SharedName(String),
    /// A lower version than before came in its place.
    Lower {
        /// Of the file that is there.
        new: String,
        /// Of the one before.
        old: String,
    },
    /// Another extension came in its place.
    OtherExtension {
        /// Of the file that is there.
        new: String,
        /// Of the one before.
        old: String,
    },
    /// Another package has the same extension and version.
    SameVersion(String),
}

tells!(Reason {
    Self::NoXml => told!("there is no update XML"),
    Self::Held => told!("on hold" => "`jbackend-bridge releases promote` lists it"),
    Self::Paid(it) => told!(
        "paid" =>
        "name its package group `{it}` under `listed` in `[updates]` to list it"
    ),
    Self::Superseded(it) => told!("superseded by `{it}`, and `versions = \"newest\"` in `[updates]`"),
    Self::AlsoFree(it) => told!("`{it}` is the same version of the same extension, and free"),
    Self::UnknownGroup(it) => told!(
        "its package group `{it}` does not exist" =>
        "downloads answer REL_GNF"
    ),
    Self::Path(error) => error.told(),
    Self::File(it) => Told::only(it),
    Self::Storage(it) => told!("reading it failed ({it})" => "check the storage and try again"),
    Self::Computing => told!("its checksums are being computed"),
    Self::Changing => told!(
        "its file changed while it was read" =>
        "put it in place by renaming, and try again"
    ),
    Self::Archive(it) => Told::only(it),
    Self::NoTargetPlatform => told!(
        "nothing says for which Joomla versions it is" =>
        "set `targetplatform` in `[updates]`, for all packages or for this one"
    ),
    Self::TargetPlatform(error) => told!("the target platform in its manifest: {error}" => "{}", error.advice()),
    Self::Version(it) => told!(
        "its version `{it}` does not begin with a digit" =>
        "Joomla never takes it for newer"
    ),
    Self::Name(it) => told!(
        "its XML cannot be called `{it}`" =>
        "give it a name of letters, digits, `.`, `_` and `-` with `xml` under `packages` in \
         `[updates]`"
    ),
    Self::SharedName(it) => told!(
        "`{it}.xml` would hold another extension too, and Joomla takes the highest version of an XML, \
         whichever it is of" =>
        "give one of them another name with `xml` under `packages` in `[updates]`"
    ),
    Self::Lower { new, old } => told!(
        "its file now holds version {new}, and {old} stood in the update XML" =>
        "put {old} or a later one there; to offer {new} again, name it by another path in its line"
    ),
    Self::OtherExtension { new, old } => told!(
        "its file now holds {new}, and {old} stood in the update XML" =>
        "give {new} a line of its own, or another path in this line"
    ),
    Self::SameVersion(it) => told!(
        "`{it}` is the same version of the same extension, and a Joomla could get either" =>
        "correct the version in one manifest, or their `targetplatform`"
    ),
});

impl Reason {
    /// Returns whether the settings line or the configuration excludes the package, whatever the
    /// file is. Its former entries are then removed too.
    #[must_use]
    pub fn is_of_line(&self) -> bool {
        matches!(
            self,
            Self::NoXml | Self::Held | Self::Paid(_) | Self::UnknownGroup(_) | Self::Path(_)
        )
    }

    /// Is something to be mended? Else the operator wanted it so.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        !matches!(
            self,
            Self::NoXml
                | Self::Held
                | Self::Paid(_)
                | Self::Superseded(_)
                | Self::AlsoFree(_)
                | Self::Computing
        )
    }
}
