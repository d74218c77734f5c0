//! One-field keys: user id and license key in one text, `42:KEY`, for the key manager of Joomla 4
//! and later, which has one field (`<dlid>` in the manifest).
//!
//! Read from requests by `holder`, written by the methods that hand out keys. It handles only the
//! text: its owner is checked elsewhere. See `docs/release.md`, "Download keys (dlid)".

use std::fmt::Write as _;

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use license_recipe::trimmed;

use super::Sent;

/// A one-field key as a client sent it.
#[derive(Clone, Copy)]
pub struct Dlid<'a> {
    /// The claimed owner.
    pub user: DlidUser,
    /// The license key, as sent: possibly empty, possibly not UTF-8.
    pub key: &'a [u8],
}

impl<'a> Dlid<'a> {
    /// User id, colon, key; `None` for anything else. It may have come by way of a clipboard: blanks
    /// of any kind around it, and the prefix that Joomla itself puts before it, do not count.
    #[must_use]
    pub fn parse(sent: Sent<'a>) -> Option<Self> {
        let bytes = bare(sent.bytes()?);
        let (id, rest) = bytes.split_at(bytes.iter().position(|&byte| byte == b':')?);
        Some(Self { user: DlidUser::parse(id)?, key: without_blanks(rest.get(1..)?) })
    }
}

/// The prefix that Joomla's update sites add (`<dlid prefix="dlid="/>`).
const PREFIX: &[u8] = b"dlid=";

/// Takes prefixes off, and blanks around them. Whether it is text is looked at once: anew behind each
/// prefix, it would cost the square of their number.
fn bare(typed: &[u8]) -> &[u8] {
    let Ok(text) = std::str::from_utf8(typed) else { return bare_bytes(typed) };
    let mut rest = text.trim_matches(is_blank);
    while let Some((prefix, tail)) = rest.split_at_checked(PREFIX.len())
        && prefix.as_bytes().eq_ignore_ascii_case(PREFIX)
    {
        rest = tail.trim_start_matches(is_blank);
    }
    rest.as_bytes()
}

fn bare_bytes(typed: &[u8]) -> &[u8] {
    let mut rest = trimmed(typed);
    while let Some((prefix, tail)) = rest.split_at_checked(PREFIX.len())
        && prefix.eq_ignore_ascii_case(PREFIX)
    {
        rest = trimmed(tail);
    }
    rest
}

/// Removes the blanks that a page, a mail or a word processor adds to copied text.
fn without_blanks(typed: &[u8]) -> &[u8] {
    match std::str::from_utf8(typed) {
        Ok(text) => text.trim_matches(is_blank).as_bytes(),
        Err(_) => trimmed(typed),
    }
}

/// Blanks of every width, ends of lines, and marks that are not seen at all.
fn is_blank(letter: char) -> bool {
    let unseen = || {
        let category = CodePointMapData::<GeneralCategory>::new().get(letter);
        matches!(category, GeneralCategory::Format | GeneralCategory::Control)
    };
    // U+2800 is a pattern of no dots, U+115F, U+1160, U+3164 and U+FFA0 are letters of no shape.
    letter.is_whitespace()
        || matches!(letter, '\u{2800}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}')
        || unseen()
}

/// The id of an account, as a one-field key can name it: one to ten digits, the first not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DlidUser(i64);

impl DlidUser {
    /// `None` for an id that no one-field key can name.
    #[must_use]
    pub fn new(id: i64) -> Option<Self> {
        (1..=HIGHEST_ID).contains(&id).then_some(Self(id))
    }

    /// The id, `#__users.id`.
    #[must_use]
    pub fn id(self) -> i64 {
        self.0
    }

    /// The one-field key with this license key, as it stands in an answer.
    #[must_use]
    pub fn with(self, key: &str) -> String {
        format!("{}:{key}", self.0)
    }

    /// Returns the one-field key to be typed into Joomla, which puts it into an address as it is:
    /// characters with a meaning there are percent-encoded. Hexadecimal keys stay as they are.
    #[must_use]
    pub fn typed_with(self, key: &str) -> String {
        let mut typed = format!("{}:", self.0);
        for byte in key.trim_ascii().bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/:=".contains(&byte) {
                typed.push(char::from(byte));
            } else {
                // Writing to a text cannot fail.
                let _ = write!(typed, "%{byte:02X}");
            }
        }
        typed
    }

    fn parse(digits: &[u8]) -> Option<Self> {
        let is_canonical =
            matches!(digits, [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit));
        let number = std::str::from_utf8(digits).ok().filter(|_| is_canonical)?;
        number.parse().ok().and_then(Self::new)
    }
}

/// Ten digits.
const HIGHEST_ID: i64 = 9_999_999_999;
