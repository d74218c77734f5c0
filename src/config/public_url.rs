//! The site's address as visitors see it, read once.
//!
//! Used at the start, by the checks and by the command line. Must not import: `tokio`.

use std::fmt;
use std::str::FromStr;

use crate::told::{tells, told};
use hyper::Uri;
use hyper::http::uri::Authority;
use php_compat::query::{percent_decode, percent_encode};

/// The site's address: `https://www.example.com/shop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    is_https: bool,
    /// Host and port.
    authority: Authority,
    /// Encoded, without slashes around it; empty at the root.
    path: String,
}

/// A text that is not the address of a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidUrl;

tells!(InvalidUrl {
    Self => told!(
        "no address of a site" =>
        "write `https://www.example.com`, with the folder where Joomla is in one"
    )
});

impl FromStr for PublicUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        // The parser ignores the text after a `#`.
        if text.contains('#') || text.trim() != text {
            return Err(InvalidUrl);
        }
        // Names of folders may contain blanks.
        let url: Uri = text.replace(' ', "%20").parse().map_err(|_| InvalidUrl)?;
        let scheme = url.scheme_str().filter(|scheme| ["http", "https"].contains(scheme));
        // A user name or password does not belong here, and would be shown.
        let authority =
            url.authority().filter(|authority| !authority.as_str().contains(['@', '%']));
        let authority = authority.filter(|authority| {
            let port = authority.as_str().strip_prefix(authority.host());
            !authority.host().is_empty() && (port == Some("") || authority.port_u16() > Some(0))
        });
        match (scheme, authority, url.query()) {
            (Some(scheme), Some(authority), None) => Ok(Self {
                is_https: scheme == "https",
                authority: authority.clone(),
                path: url.path().trim_matches('/').to_owned(),
            }),
            _ => Err(InvalidUrl),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.path.is_empty() { "" } else { "/" };
        write!(out, "{}{slash}{}", self.origin(), self.path)
    }
}

impl PublicUrl {
    /// Returns whether the address is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Returns scheme, host and port: the address without its path.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// Returns host and port, as in a Host header.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Returns the host without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// Returns Joomla's folder: decoded, without slashes around it, empty at the root.
    #[must_use]
    pub fn base(&self) -> String {
        String::from_utf8_lossy(&percent_decode(self.path.as_bytes(), false)).into_owned()
    }

    /// Returns the URL of a file or page of the site, with an encoded path.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{self}/{}", encoded(path.trim_start_matches('/')))
    }

    /// Returns whether a URL belongs to this site, with or without `www.`.
    #[must_use]
    pub fn is_own(&self, url: &Uri) -> bool {
        let plain = |host: &str| host.trim_start_matches("www.").to_ascii_lowercase();
        url.host().map(plain) == Some(plain(self.host()))
    }
}

/// Encodes a path for a URL; its slashes stay.
#[must_use]
pub fn encoded(path: &str) -> String {
    path.split('/').map(percent_encode).collect::<Vec<_>>().join("/")
}
