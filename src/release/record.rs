//! A release: a version of an extension that was published through the bridge.
//!
//! The ledger stores it, `publish` makes it, and the catalog serves it beside the plugin's lines.
//! Pure. Must not import: `ledger`, `packages`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use joomla_updates::entry::Checksums;
use joomla_updates::extension::Extension;
use joomla_updates::security::Security;
use joomla_updates::stability::Stability;
use php_compat::version_compare::version_compare;
use serde::Serialize;

/// Whether a release is served, and whether update XML lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseState {
    /// Uploaded, not served.
    Staged,
    /// Served and listed.
    Published,
    /// Served, not listed.
    Held,
    /// Taken back, not served.
    Withdrawn,
}

impl ReleaseState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Staged, Self::Published, Self::Held, Self::Withdrawn];

    /// Its name in the ledger and in commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Published => "published",
            Self::Held => "held",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether clients can download it.
    #[must_use]
    pub fn is_served(self) -> bool {
        matches!(self, Self::Published | Self::Held)
    }
}

impl fmt::Display for ReleaseState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The text is not a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state: write `staged`, `published`, `held` or `withdrawn`")]
pub struct NoReleaseState(String);

impl FromStr for ReleaseState {
    type Err = NoReleaseState;

    fn from_str(text: &str) -> Result<Self, NoReleaseState> {
        let known = Self::ALL.into_iter().find(|known| known.name() == text);
        known.ok_or_else(|| NoReleaseState(text.to_owned()))
    }
}

/// A version of an extension, with the data that its update entry needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseRecord {
    /// The identifier that clients send, as in the plugin's lines.
    pub id: String,
    /// The version of its manifest.
    pub version: String,
    /// The extension of its manifest.
    pub extension: Extension,
    /// The package group whose license key opens it; `None` for a free release.
    pub group: Option<String>,
    /// How finished it is.
    pub channel: Stability,
    /// Whether it is served and listed.
    pub state: ReleaseState,
    /// The file name of its download.
    pub file_name: String,
    /// Bytes of its file.
    pub size: u64,
    /// Of its file.
    pub checksums: Checksums,
    /// Its minisign signature file, whole.
    pub signature: Option<String>,
    /// The pattern of Joomla versions; `None` if the operator's configuration gives it.
    pub target_platform: Option<String>,
    /// The lowest PHP version.
    pub php_minimum: Option<String>,
    /// Lowest versions of databases by their names in update XML.
    pub supported_databases: BTreeMap<String, String>,
    /// How urgent it is; `None` if that was not stated.
    pub security: Option<Security>,
    /// Its changelog, in Markdown.
    pub changelog: Option<String>,
    /// When it was stored, in seconds since 1970.
    pub stored_at: i64,
    /// The token or the user that stored it.
    pub stored_by: String,
}

impl ReleaseRecord {
    /// Compares the versions as Joomla does.
    #[must_use]
    pub fn compare_versions(&self, other: &Self) -> Ordering {
        version_compare(&self.version, &other.version)
    }
}

/// Why a text cannot be an identifier of a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` cannot be an id: use 1 to {LONGEST_ID} letters, digits, `.`, `_`, `+` and `-`",
    crate::mask::printable(.0)
)]
pub struct NotAnId(String);

/// The longest identifier, in bytes.
const LONGEST_ID: usize = 100;

/// Checks an identifier. It must fit into a settings line, an address and a file name.
///
/// # Errors
/// Refuses a text that has other characters, or is too long.
pub fn check_id(id: &str) -> Result<(), NotAnId> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    let is_id = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_plain);
    if is_id { Ok(()) } else { Err(NotAnId(id.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::{ReleaseState, check_id};

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in ReleaseState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert!("Published".parse::<ReleaseState>().is_err());
    }

    #[test]
    fn ids_fit_into_a_settings_line() {
        for id in ["pkg_redj-1.9.0", "a", "x+y", &"a".repeat(100)] {
            assert_eq!(check_id(id), Ok(()));
        }
        for id in ["", "a;b", "a b", "a/b", "ä", "a\n", &"a".repeat(101)] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
