//! Lets a web server in front send the package: an answer without a body that names the file.
//!
//! `http::front` calls [`Offload::order`] with the file that the download method has opened. If the
//! result is `None`, `http::front` sends the file itself. `docs/offload.md` tells how to set up the
//! web servers, and how ranges and conditions work. Must not import: `head`.
//!
//! No file name can end the header or begin another. For nginx, every byte of a path that is not
//! plain is percent-encoded. For Apache, a path that a header cannot hold is never sent.

use std::{os::unix::ffi::OsStrExt, path::Path, time::SystemTime};

use http::{HeaderName, HeaderValue};
use php_compat::query::percent_encode;

use super::{conditional::Validators, headers};
use crate::config::offload::OffloadPrefix;
use crate::http::response::Response;
use crate::packages::{PackageFile, RealPlace};

/// nginx's header.
pub const X_ACCEL_REDIRECT: HeaderName = HeaderName::from_static("x-accel-redirect");
/// The header of Apache's `mod_xsendfile`.
pub const X_SENDFILE: HeaderName = HeaderName::from_static("x-sendfile");

/// Which web server sends the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offload {
    /// nginx: the package folder is at this location.
    Nginx(OffloadPrefix),
    /// Apache with `mod_xsendfile`.
    Apache,
}

impl Offload {
    /// Makes the order to send this file. `None` if its name does not lead to it, if it is not
    /// below nginx's location, or if the header for Apache cannot hold its path.
    ///
    /// The status is 200 for every request: the web server handles ranges, conditions and the HTTP
    /// method. nginx makes its own entity tag from the file that it sends. Apache does not: behind
    /// a proxy, every file has the tag `"0"` there, and clients would take one version for another.
    /// So the order to Apache has the bridge's tag. No order has a length.
    #[must_use]
    pub fn order(&self, file: &PackageFile) -> Option<Response> {
        let (name, value) = self.header(file.place()?)?;
        let mut response = Response::default();
        let fields = response.headers_mut();
        headers::describe_kind(fields, file.name());
        match self {
            Self::Nginx(_) => headers::describe_use(fields),
            Self::Apache => headers::describe_version(
                fields,
                &Validators::new(&file.version(), file.modified(), SystemTime::now()),
            ),
        }
        fields.insert(name, value);
        Some(response)
    }

    fn header(&self, place: &RealPlace) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Nginx(prefix) => {
                let value = format!("{prefix}/{}", encoded(place.below_folder()?));
                Some((X_ACCEL_REDIRECT, HeaderValue::from_str(&value).ok()?))
            }
            Self::Apache => Some((X_SENDFILE, unambiguous(place.path())?)),
        }
    }
}

/// Makes a header of an unchanged path, if every version of `mod_xsendfile` reads it alike.
/// `mod_xsendfile` decodes `%` since its version 1.0 but not before, so a path with `%` has no safe
/// form. Control characters and a blank at the end cannot stand in a header.
fn unambiguous(path: &Path) -> Option<HeaderValue> {
    let path = path.as_os_str().as_bytes();
    let is_plain = !path.contains(&b'%') && !path.contains(&b'\t') && !path.ends_with(b" ");
    HeaderValue::from_bytes(path).ok().filter(|_| is_plain)
}

/// Encodes a path: it keeps its slashes, and all else becomes unreserved characters and escapes.
fn encoded(path: &Path) -> String {
    let parts = path.as_os_str().as_bytes().split(|&byte| byte == b'/');
    parts.map(percent_encode).collect::<Vec<_>>().join("/")
}
