//! Upload tokens: which extensions a token may publish, for whom, how far, and until when.
//!
//! The ledger keeps a token without its text, `publish::token` judges one that a client sends, and
//! the command `token` makes and revokes them. Pure. Must not import: `ledger`, `packages`.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::config::values::TrustedProxy;
use crate::mask::printable;
use crate::told::{tells, told};

/// The start of every token, by which secret scanners know one.
pub const TOKEN_START: &str = "jbp_";

/// The hexadecimal digits after it: 256 random bits.
pub const TOKEN_DIGITS: usize = 64;

/// The SHA-256 sum of a token's text, which the ledger keeps in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token; `None` for a text that cannot be one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(TOKEN_START)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_token = digits.len() == TOKEN_DIGITS && digits.bytes().all(is_digit);
        is_token.then(|| Self(Sha256::digest(text).into()))
    }

    /// The sum.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How far a token goes. Each right includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadRight {
    /// Uploads files that are not served yet.
    Stage,
    /// Publishes, promotes and holds.
    Publish,
    /// Withdraws.
    Withdraw,
}

impl UploadRight {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stage, Self::Publish, Self::Withdraw];

    /// Its name in the ledger and in commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
        }
    }
}

impl fmt::Display for UploadRight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The text is not a right of tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a right: write `stage`, `publish` or `withdraw`", printable(.0))]
pub struct NoUploadRight(String);

impl FromStr for UploadRight {
    type Err = NoUploadRight;

    fn from_str(text: &str) -> Result<Self, NoUploadRight> {
        let known = Self::ALL.into_iter().find(|known| known.name() == text);
        known.ok_or_else(|| NoUploadRight(text.to_owned()))
    }
}

/// The extensions that a token may publish, and the customers it publishes them for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UploadScope {
    extensions: BTreeSet<String>,
    group: Option<String>,
}

impl UploadScope {
    /// Makes a scope of elements like `pkg_redj`, for a package group or, without one, for everyone.
    ///
    /// # Errors
    /// Refuses a scope without an extension, and a text that cannot be an element or a group.
    pub fn new(
        extensions: impl IntoIterator<Item = String>,
        group: Option<String>,
    ) -> Result<Self, BadUploadScope> {
        let extensions: BTreeSet<_> = extensions.into_iter().collect();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_element =
            |element: &String| (1..=100).contains(&element.len()) && element.bytes().all(is_plain);
        if let Some(bad) = extensions.iter().find(|element| !is_element(element)) {
            return Err(BadUploadScope::Element(bad.clone()));
        }
        if extensions.is_empty() {
            return Err(BadUploadScope::NoExtension);
        }
        if group.as_ref().is_some_and(|group| group.trim().is_empty()) {
            return Err(BadUploadScope::EmptyGroup);
        }
        Ok(Self { extensions, group })
    }

    /// Its elements, at least one.
    pub fn extensions(&self) -> impl Iterator<Item = &str> {
        self.extensions.iter().map(String::as_str)
    }

    /// The package group; `None` for free releases.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// Whether an extension with this element is in it.
    #[must_use]
    pub fn covers(&self, element: &str) -> bool {
        self.extensions.contains(element)
    }
}

/// Why there is no such scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUploadScope {
    /// No extension was named.
    NoExtension,
    /// A text that cannot be an element.
    Element(String),
    /// A package group without a name.
    EmptyGroup,
}

tells!(BadUploadScope {
    Self::NoExtension => told!(
        "the token names no extension" => "name each that it may publish, like `pkg_redj`"
    ),
    Self::Element(it) => told!(
        "`{}` cannot be the element of an extension", printable(it) =>
        "write it as in the manifest, like `pkg_redj` or `com_redj`"
    ),
    Self::EmptyGroup => told!("the package group has no name" => "name one, or make the token free"),
});

/// A network from which a token counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientNetwork {
    text: String,
    network: TrustedProxy,
}

impl ClientNetwork {
    /// Whether the address is in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        self.network.holds(address)
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Serialize for ClientNetwork {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

/// The text is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a network: write `192.0.2.1` or `10.0.0.0/8`", printable(.0))]
pub struct NotANetwork(String);

impl FromStr for ClientNetwork {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        match text.parse() {
            Ok(network @ TrustedProxy::Network(..)) => Ok(Self { text: text.to_owned(), network }),
            _ => Err(NotANetwork(text.to_owned())),
        }
    }
}

/// A token as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UploadToken {
    /// Its number.
    pub id: i64,
    /// The extensions that it may publish, and the customers they are for.
    pub scope: UploadScope,
    /// How far it goes.
    pub may: UploadRight,
    /// The networks from which it counts; empty for all.
    pub networks: Vec<ClientNetwork>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
    /// The user that made it.
    pub created_by: String,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// When it was used last.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Whether a restore of the ledger has suspended it.
    pub is_suspended: bool,
}

/// Whether a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// It counts.
    Active,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// It waits for `ledger confirm`.
    Suspended,
}

impl TokenState {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
        }
    }
}

impl UploadToken {
    /// Whether it counts at a time.
    #[must_use]
    pub fn state(&self, now: i64) -> TokenState {
        if self.revoked_at.is_some() {
            TokenState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            TokenState::Expired
        } else if self.is_suspended {
            TokenState::Suspended
        } else {
            TokenState::Active
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::{BadUploadScope, ClientNetwork, TokenHash, UploadRight, UploadScope};

    #[test]
    fn only_the_text_of_a_token_is_hashed() {
        let digits = "0123456789abcdef".repeat(4);
        assert!(TokenHash::of(&format!("jbp_{digits}")).is_some());
        for text in [
            digits.clone(),
            format!("jbp_{}", digits.to_uppercase()),
            format!("jbp_{digits}0"),
            "jbp_".to_owned(),
            String::new(),
        ] {
            assert_eq!(TokenHash::of(&text), None, "{text}");
        }
    }

    #[test]
    fn rights_are_in_order_and_read_as_they_are_written() {
        assert!(UploadRight::Stage < UploadRight::Publish);
        assert!(UploadRight::Publish < UploadRight::Withdraw);
        for right in UploadRight::ALL {
            assert_eq!(right.name().parse(), Ok(right));
        }
        assert!("all".parse::<UploadRight>().is_err());
    }

    #[test]
    fn a_scope_has_an_extension() {
        let scope = |elements: &[&str]| {
            UploadScope::new(elements.iter().map(|&element| element.to_owned()), None)
        };
        assert_eq!(scope(&[]), Err(BadUploadScope::NoExtension));
        for bad in ["", "a b", "../x", "ä", &"a".repeat(101)] {
            assert_eq!(scope(&[bad]), Err(BadUploadScope::Element(bad.to_owned())));
        }
        let both = scope(&["pkg_redj", "com_redj"]).unwrap();
        assert!(both.covers("com_redj") && !both.covers("pkg_other"));
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let network: ClientNetwork = "10.1.0.0/16".parse().unwrap();
        assert!(network.holds([10, 1, 2, 3].into()) && !network.holds([10, 2, 0, 0].into()));
        for bad in ["unix", "10.0.0.0/33", "", "x"] {
            assert!(bad.parse::<ClientNetwork>().is_err(), "{bad}");
        }
    }
}
