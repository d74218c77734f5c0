//! One `<update>`: a version of an extension, the sites it is for, and its download.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::extension::Extension;
use crate::security::Security;
use crate::stability::Stability;
use crate::target_platform::TargetPlatform;

/// The contents of an `<update>`. Texts are as people read them; `xml` escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The extension.
    pub extension: Extension,
    /// Its name in the list of updates.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// The version; one that PHP's comparison can find greater than another.
    pub version: String,
    /// For which Joomla.
    pub target_platform: TargetPlatform,
    /// How finished it is.
    pub stability: Stability,
    /// How urgent it is; not written if not stated.
    pub security: Option<Security>,
    /// The lowest PHP version.
    pub php_minimum: Option<String>,
    /// Lowest versions of databases by their names in update XML (`mysql`, `mariadb`,
    /// `postgresql`). Not written for Joomla 3, which would refuse the update.
    pub supported_databases: BTreeMap<String, String>,
    /// The address from which Joomla downloads the file.
    pub download_url: String,
    /// Of the file.
    pub checksums: Checksums,
    /// A page about the update.
    pub info_url: Option<String>,
    /// A changelog in Joomla's format.
    pub changelog_url: Option<String>,
    /// Who maintains it.
    pub maintainer: Option<String>,
    /// The maintainer's address.
    pub maintainer_url: Option<String>,
    /// A word that Joomla keeps and does not use.
    pub section: Option<String>,
}

/// Checksums of a file: lower-case hexadecimal, without blanks, which Joomla would take for wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checksums {
    /// 64 digits.
    pub sha256: String,
    /// 96 digits.
    pub sha384: String,
    /// 128 digits.
    pub sha512: String,
}
