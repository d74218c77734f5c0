//! Values for a web server in front of the bridge that sends the package files; see
//! `docs/offload.md`.
//!
//! Read by `config::sections`, used by `service`. Must not import: `http`, `packages`, `std::fs`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::section::from_text;
use crate::told::{Told, told};

/// The sender of package files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffloadTo {
    /// The bridge itself.
    #[default]
    Off,
    /// nginx, by the header `X-Accel-Redirect`.
    XAccelRedirect,
    /// Apache with `mod_xsendfile`, by the header `X-Sendfile`.
    XSendfile,
}

/// The location of nginx that leads to the package folder. It is a path that starts with a slash,
/// does not end with one, and has only letters, digits and `-._~/`, so that a header can hold it
/// without escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffloadPrefix(String);

impl Default for OffloadPrefix {
    fn default() -> Self {
        Self("/.jbackend-packages".into())
    }
}

impl FromStr for OffloadPrefix {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        let prefix = text.strip_suffix('/').unwrap_or(text);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
        match prefix.strip_prefix('/') {
            Some(parts) if parts.split('/').all(is_part) => Ok(Self(prefix.to_owned())),
            _ => Err(told!(
            "`{text}` is no location of nginx" =>
            "write one like `/.jbackend-packages`, of letters, digits, `-`, `.`, `_` and `/`"
            )),
        }
    }
}

from_text!(OffloadPrefix);

impl fmt::Display for OffloadPrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
