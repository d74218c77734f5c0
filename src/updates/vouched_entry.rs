//! A former XML entry of a settings line; the memory of checksums keeps it over restarts.

use joomla_updates::entry::Checksums;
use joomla_updates::manifest::Manifest;
use serde::{Deserialize, Serialize};

use crate::release::package_path::PackagePath;

/// A former XML entry of a settings line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// The file its line named.
    #[serde(with = "as_text")]
    pub path: PackagePath,
    /// The file's manifest.
    pub manifest: Manifest,
    /// Of the file.
    pub checksums: Checksums,
}

mod as_text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::release::package_path::PackagePath;

    pub(super) fn serialize<S: Serializer>(path: &PackagePath, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(path.as_str())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<PackagePath, D::Error> {
        let text = String::deserialize(from)?;
        PackagePath::stored(&text).ok_or_else(|| D::Error::custom("no path of a package"))
    }
}
