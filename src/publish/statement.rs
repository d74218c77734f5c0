//! The maker's statements about an upload: short words in the query, texts of several lines in
//! headers, as base64 of the file.
//!
//! Pure. Called before the body is read. Must not import: `ledger`, `packages`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use joomla_updates::security::Security;
use joomla_updates::stability::Stability;
use php_compat::query::percent_decode;

use crate::mask::printable;
use crate::told::{Told, told};

/// The header with the changelog.
pub const CHANGELOG: &str = "release-changelog";

/// The header with the signature file.
pub const SIGNATURE: &str = "release-signature";

/// The parameters of the query.
const PARAMETERS: &str = "`id`, `channel`, `security`, `state` and `dry-run`";

/// The state that a maker wants a release to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatedState {
    /// Not served yet.
    Staged,
    /// Served and listed.
    Published,
}

/// All statements of a maker about an upload. The rest follows from manifest and token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UploadStatement {
    /// The identifier.
    pub id: Option<String>,
    /// The channel.
    pub channel: Option<Stability>,
    /// How urgent it is.
    pub security: Option<Security>,
    /// The state.
    pub state: Option<StatedState>,
    /// Whether nothing is stored.
    pub is_dry_run: bool,
    /// The changelog, in Markdown.
    pub changelog: Option<String>,
    /// The text of the signature file.
    pub signature: Option<String>,
}

impl UploadStatement {
    /// Reads the query, and the two headers.
    ///
    /// # Errors
    /// All that makes no sense.
    pub fn read(
        query: &str,
        changelog: Option<&[u8]>,
        signature: Option<&[u8]>,
    ) -> Result<Self, Vec<Told>> {
        let mut statement = Self::default();
        let mut wrong = Vec::new();
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decoded(key), decoded(value));
            if let Err(told) = statement.take(&key, &value) {
                wrong.push(told);
            } else if seen.contains(&key) {
                wrong.push(told!("the parameter `{}` is there twice", printable(&key)));
            }
            seen.push(key);
        }
        let mut text = |name: &str, value: Option<&[u8]>| match value.map(file_text) {
            Some(None) => {
                wrong.push(told!(
                    "the header `{name}` is not the base64 of a text file in UTF-8" =>
                    "make it with `base64 -w 0 FILE`"
                ));
                None
            }
            text => text.flatten(),
        };
        statement.changelog = text("Release-Changelog", changelog);
        statement.signature = text("Release-Signature", signature);
        if wrong.is_empty() { Ok(statement) } else { Err(wrong) }
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), Told> {
        match key {
            "id" => self.id = Some(value.to_owned()),
            "channel" => self.channel = Some(word(value)?),
            "security" => self.security = Some(word(value)?),
            "state" => self.state = Some(state(value)?),
            "dry-run" => self.is_dry_run = is_yes(value)?,
            _ => {
                return Err(told!(
                    "the parameter `{}` means nothing here", printable(key) =>
                    "those that do: {PARAMETERS}"
                ));
            }
        }
        Ok(())
    }
}

fn word<T: std::str::FromStr>(value: &str) -> Result<T, Told>
where
    T::Err: std::fmt::Display,
{
    value.parse().map_err(|error: T::Err| Told::only(printable(&error.to_string())))
}

fn state(value: &str) -> Result<StatedState, Told> {
    match value {
        "staged" => Ok(StatedState::Staged),
        "published" => Ok(StatedState::Published),
        _ => Err(told!(
            "`{}` is not a state of an upload", printable(value) =>
            "write `staged` or `published`"
        )),
    }
}

fn is_yes(value: &str) -> Result<bool, Told> {
    match value {
        "" | "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(told!("`dry-run={}` is neither `true` nor `false`", printable(value))),
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(text.as_bytes(), true)).into_owned()
}

/// Reads the text of a file from its base64.
fn file_text(base64: &[u8]) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64.trim_ascii()).ok()?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::{StatedState, UploadStatement};

    #[test]
    fn words_and_texts_are_read() {
        let query = "id=a%2Bb&channel=beta&security=high&state=staged&dry-run";
        let read = UploadStatement::read(query, Some(b"IyAxLjAK"), None).unwrap();
        assert_eq!(read.id.as_deref(), Some("a+b"));
        assert_eq!(read.channel.unwrap().name(), "beta");
        assert_eq!(read.security.unwrap().number(), 3);
        assert_eq!(read.state, Some(StatedState::Staged));
        assert!(read.is_dry_run);
        assert_eq!(read.changelog.as_deref(), Some("# 1.0\n"));
        assert_eq!(UploadStatement::read("", None, None), Ok(UploadStatement::default()));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let query = "channel=nightly&security=9&state=held&dry-run=maybe&group=a&id=a&id=b";
        let wrong = UploadStatement::read(query, Some(b"?"), Some(b"/w==")).unwrap_err();
        assert_eq!(wrong.len(), 8, "{wrong:#?}");
    }
}
