//! The wishes of the maker about a release; all other data stands in its manifest.
//!
//! Made by the command `publish` and by uploads. Must not import: `ledger`.

use std::collections::BTreeMap;

use joomla_updates::security::Security;
use joomla_updates::stability::Stability;

use crate::mask::printable;
use crate::told::{tells, told};

/// The wishes of the maker.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// The file name of the download, or why it cannot be one.
    pub file_name: Result<ReleaseFileName, BadFileName>,
    /// The identifier; `None` for the element and the version.
    pub id: Option<String>,
    /// The customers who may have it.
    pub scope: ReleaseScope,
    /// The channel; `None` for the one that the version names.
    pub channel: Option<Stability>,
    /// How urgent it is.
    pub security: Option<Security>,
    /// The changelog, in Markdown.
    pub changelog: Option<String>,
    /// The text of the signature file.
    pub signature: Option<String>,
    /// Lowest versions of databases by their names in update XML.
    pub supported_databases: BTreeMap<String, String>,
    /// How far it goes.
    pub goal: PublishGoal,
    /// Whether a version may be lower than a published one. Only on the server.
    pub is_forced: bool,
    /// Whether its extension changes to the package group of the release. Only on the server.
    pub is_adopted: bool,
    /// The user or the token that publishes.
    pub actor: String,
    /// Seconds since 1970.
    pub now: i64,
}

/// How far publishing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishGoal {
    /// Print the findings, and store nothing.
    DryRun,
    /// Store it, and do not serve it yet.
    Stage,
    /// Serve and list it.
    Publish,
}

/// The customers who may have a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseScope {
    /// Everyone.
    Free,
    /// Those with a license key of the package group.
    Group(String),
    /// Those who may have the earlier releases of the extension.
    AsBefore,
}

/// A file name that a customer's system can store, and that is a ZIP's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFileName(String);

/// The longest file name, in bytes.
const LONGEST_NAME: usize = 150;

impl ReleaseFileName {
    /// Reads a file name.
    ///
    /// # Errors
    /// Refuses a path, an ending that is not `.zip`, and characters that some systems refuse.
    pub fn parse(text: &str) -> Result<Self, BadFileName> {
        let shown = || printable(&text.chars().take(LONGEST_NAME).collect::<String>());
        if text.contains(['/', '\\']) {
            return Err(BadFileName::Path(shown()));
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._+-()".contains(&byte);
        if !text.bytes().all(is_plain) || text.starts_with(['.', ' ', '-']) {
            return Err(BadFileName::Characters(shown()));
        }
        if text.len() > LONGEST_NAME {
            return Err(BadFileName::Long(text.len()));
        }
        let ending = text.rsplit_once('.').map(|(_, ending)| ending);
        if !ending.is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
            return Err(BadFileName::NotZip(shown()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not the file name of a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFileName {
    /// It has a slash or a backslash.
    Path(String),
    /// It has characters beyond the plain ones.
    Characters(String),
    /// It is too long.
    Long(usize),
    /// It has another ending.
    NotZip(String),
}

tells!(BadFileName {
    Self::Path(it) => told!("the file name `{it}` is a path" => "leave out the folders"),
    Self::Characters(it) => told!(
        "the file name `{it}` has characters that do not work everywhere" =>
        "begin it with a letter or a digit, and use letters, digits, blanks, `.`, `_`, `+`, `-`, `(` and `)`"
    ),
    Self::Long(it) => told!(
        "the file name has {it} characters" => "use {LONGEST_NAME} at most"
    ),
    Self::NotZip(it) => told!(
        "the file name `{it}` does not end in `.zip`" => "Joomla installs ZIP files only"
    ),
});

#[cfg(test)]
mod tests {
    use super::{BadFileName, ReleaseFileName};

    #[test]
    fn names_of_zip_files_are_names() {
        for name in ["pkg_redj-1.9.0.zip", "ReDJ 1.9 (Joomla 3).ZIP", "a.zip"] {
            assert_eq!(
                ReleaseFileName::parse(name).as_ref().map(ReleaseFileName::as_str),
                Ok(name)
            );
        }
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        let long = format!("{}.zip", "a".repeat(300));
        for (name, is_wrong) in [
            ("../x.zip", (|e| matches!(e, BadFileName::Path(_))) as fn(&BadFileName) -> bool),
            ("a\\b.zip", |e| matches!(e, BadFileName::Path(_))),
            ("a\0.zip", |e| matches!(e, BadFileName::Characters(_))),
            (".zip", |e| matches!(e, BadFileName::Characters(_))),
            ("größe.zip", |e| matches!(e, BadFileName::Characters(_))),
            (&long, |e| matches!(e, BadFileName::Long(304))),
            ("a.php", |e| matches!(e, BadFileName::NotZip(_))),
            ("zip", |e| matches!(e, BadFileName::NotZip(_))),
            ("", |e| matches!(e, BadFileName::NotZip(_))),
        ] {
            let parsed = ReleaseFileName::parse(name);
            assert!(parsed.as_ref().is_err_and(is_wrong), "{name}: {parsed:?}");
        }
    }
}
