//! The Joomla version of a database, and the shape of its tables.
//!
//! Password kinds and two-factor logins differ by version (`docs/joomla.md`). No column holds it:
//! it stands in the manifest of the extension row `file`/`joomla`, and if that is missing the
//! tables' shape shows the major version.

use std::{fmt, str::FromStr};

use serde::Deserialize;

use super::TwoFactor;
use crate::told::{tells, told};

/// A Joomla version, as far as it matters here. Ordered: 3.10 < 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JoomlaVersion {
    /// 3 to 6.
    pub major: u16,
    /// The number after the first dot.
    pub minor: u16,
}

/// A text that does not begin with a Joomla version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct InvalidVersion;

tells!(InvalidVersion {
    Self => told!(
        "not a Joomla version" =>
        "write it as `5.3` or `3.10.11`"
    )
});

impl JoomlaVersion {
    /// Returns the version of a site: from the manifest if it states one, else from the tables.
    pub(super) fn detect(manifest: Option<&str>, shape: Shape) -> Option<Self> {
        manifest.and_then(Self::from_manifest).or(shape.version())
    }

    /// Whether second factors stand in `#__user_mfa`.
    pub(super) fn has_multi_factor_table(self) -> bool {
        self >= Self { major: 4, minor: 2 }
    }

    /// Whether menu items have dates.
    pub(super) fn has_menu_dates(self) -> bool {
        self.major >= 4
    }

    /// Reads `manifest_cache`, which is JSON with the text `version`; other text gives `None`.
    fn from_manifest(manifest: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Manifest {
            version: String,
        }
        let manifest: Manifest = serde_json::from_str(manifest).ok()?;
        manifest.version.parse().ok()
    }
}

impl FromStr for JoomlaVersion {
    type Err = InvalidVersion;

    /// Reads `3.10.11`, `5.3`, `6.0.0-beta2`; a missing minor number counts as 0.
    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut numbers = text.trim().split('.').map(leading_number);
        let major = numbers.next().flatten().ok_or(InvalidVersion)?;
        let minor = match numbers.next() {
            None => 0,
            Some(number) => number.ok_or(InvalidVersion)?,
        };
        Ok(Self { major, minor })
    }
}

/// The number a piece of a version starts with: `0-beta2` is 0.
fn leading_number(piece: &str) -> Option<u16> {
    let end = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
    piece.get(..end)?.parse().ok()
}

impl fmt::Display for JoomlaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The shape of a site's tables, as found by preparing the statements `sql/queries/shape_*.sql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shape {
    pub(super) extensions: ExtensionsTable,
    pub(super) second_factor: SecondFactor,
    pub(super) menu: MenuTable,
    pub(super) has_languages: bool,
    pub(super) has_sessions: bool,
}

/// The shape of `#__menu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MenuTable {
    /// It is not there, or may not be read.
    #[default]
    Hidden,
    /// Items without dates: Joomla 3.
    Plain,
    /// `publish_up` and `publish_down`: since Joomla 4.
    Dated,
}

/// The columns of `#__extensions` that came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ExtensionsTable {
    /// Neither of the two.
    #[default]
    Plain,
    /// `system_data`: Joomla 3 only.
    Joomla3,
    /// `changelogurl`: since Joomla 4.
    Joomla4,
}

/// The place of an account's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SecondFactor {
    /// No place: before Joomla 3.2, and if the table of a later one is missing.
    #[default]
    Unknown,
    /// `#__users.otpKey`: until Joomla 4.1; the column stays later, unused.
    OtpKey,
    /// `#__user_mfa`: since Joomla 4.2.
    MfaTable,
}

impl Shape {
    /// Returns the shape that counts at this version, if it is known: newer ones leave `otpKey`
    /// behind unused.
    pub(super) fn at(mut self, version: Option<JoomlaVersion>) -> Self {
        let is_left_behind = version.is_some_and(JoomlaVersion::has_multi_factor_table);
        if is_left_behind && self.second_factor == SecondFactor::OtpKey {
            self.second_factor = SecondFactor::Unknown;
        }
        self
    }

    fn version(self) -> Option<JoomlaVersion> {
        let (major, minor) = match (self.extensions, self.second_factor) {
            (_, SecondFactor::MfaTable) => (4, 2),
            (ExtensionsTable::Joomla4, _) => (4, 0),
            (ExtensionsTable::Joomla3, _) => (3, 0),
            (ExtensionsTable::Plain, _) => return None,
        };
        Some(JoomlaVersion { major, minor })
    }
}

impl SecondFactor {
    /// Returns the expression for `#two_factor#` in the account query; the account's row is named
    /// `a`.
    pub(super) fn sql(self, multi_factor_table: &str) -> String {
        match self {
            Self::Unknown => "0".to_owned(),
            Self::OtpKey => "otpKey <> ''".to_owned(),
            Self::MfaTable => {
                format!("EXISTS (SELECT 1 FROM `{multi_factor_table}` f WHERE f.user_id = a.id)")
            }
        }
    }

    /// Returns the meaning for a login if that expression is true.
    pub(super) fn when_active(self) -> TwoFactor {
        match self {
            Self::Unknown => TwoFactor::Off,
            Self::OtpKey => TwoFactor::AtLogin,
            Self::MfaTable => TwoFactor::AfterLogin,
        }
    }
}
