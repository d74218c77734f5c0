//! The site's address as visitors see it, read once.
//!
//! Used at the start, by the checks and by the command line. Must not import: `http`, `tokio`.

use std::fmt;
use std::str::FromStr;

use hyper::Uri;
use php_compat::query::percent_encode;

/// The site's address: `https://www.example.com/shop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: String,
    authority: String,
    /// Without slashes around it; empty at the root.
    path: String,
}

/// A text that is no site's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no address of a site: write `https://www.example.com`, with the folder where Joomla is in one"
)]
pub struct InvalidUrl;

impl FromStr for PublicUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        // The parser reads over what follows a `#`.
        if text.contains('#') || text.trim() != text {
            return Err(InvalidUrl);
        }
        // Folders may hold blanks.
        let url: Uri = text.replace(' ', "%20").parse().map_err(|_| InvalidUrl)?;
        let scheme = url.scheme_str().filter(|scheme| ["http", "https"].contains(scheme));
        // A user name or password has no business here, and would be shown.
        let authority =
            url.authority().filter(|authority| !authority.as_str().contains(['@', '%']));
        let authority = authority.filter(|authority| {
            let port = authority.as_str().strip_prefix(authority.host());
            !authority.host().is_empty() && (port == Some("") || authority.port_u16() > Some(0))
        });
        match (scheme, authority, url.query()) {
            (Some(scheme), Some(authority), None) => Ok(Self {
                scheme: scheme.to_owned(),
                authority: authority.to_string(),
                path: url.path().trim_matches('/').to_owned(),
            }),
            _ => Err(InvalidUrl),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.path.is_empty() { "" } else { "/" };
        write!(out, "{}://{}{slash}{}", self.scheme, self.authority, self.path)
    }
}

impl PublicUrl {
    /// Whether it is asked by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// The URL of a file or page of the site; its path is encoded.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{self}/{}", encoded(path.trim_start_matches('/')))
    }

    /// Whether a URL belongs to this site; `www.` or not.
    #[must_use]
    pub fn is_own(&self, url: &Uri) -> bool {
        let plain = |host: &str| host.trim_start_matches("www.").to_ascii_lowercase();
        let own: Option<Uri> = self.to_string().parse().ok();
        let own = own.as_ref().and_then(Uri::host).map(plain);
        own.is_some() && url.host().map(plain) == own
    }
}

/// A path, with its slashes, as it stands in a URL.
#[must_use]
pub fn encoded(path: &str) -> String {
    path.split('/').map(percent_encode).collect::<Vec<_>>().join("/")
}
