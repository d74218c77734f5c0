//! Values about a web server in front that sends the package files itself; `docs/offload.md`.
//!
//! Read by `config::sections`, used by `service`. Must not import: `http`, `packages`, `std::fs`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Who sends package files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffloadTo {
    /// The bridge itself.
    #[default]
    Off,
    /// nginx, told by `X-Accel-Redirect`.
    XAccelRedirect,
    /// Apache with `mod_xsendfile`, told by `X-Sendfile`.
    XSendfile,
}

/// Where nginx keeps its way to the package folder: a path with a slash in front and none at its
/// end, of letters, digits and `-._~/` alone, so that it stands in a header as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct OffloadPrefix(String);

impl Default for OffloadPrefix {
    fn default() -> Self {
        Self("/.jbackend-packages".into())
    }
}

impl FromStr for OffloadPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let prefix = text.strip_suffix('/').unwrap_or(text);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
        match prefix.strip_prefix('/') {
            Some(parts) if parts.split('/').all(is_part) => Ok(Self(prefix.to_owned())),
            _ => Err(format!(
                "`{text}` is no location of nginx: write one like `/.jbackend-packages`, of letters, \
                 digits, `-`, `.`, `_` and `/`"
            )),
        }
    }
}

impl TryFrom<String> for OffloadPrefix {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for OffloadPrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
