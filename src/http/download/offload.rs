//! Lets a web server in front send the package: an answer without a body that names the file.
//!
//! `http::route` asks [`Offload::order`] with the file that the download method has opened, and
//! sends it itself where that gives nothing. What the web servers must be set up for, and what
//! happens to ranges and conditions, is in `docs/offload.md`. Must not import: `head`.
//!
//! No file name can end the header or begin another: for nginx every byte of a path that is not
//! plain is percent-encoded, and to Apache a path that a header cannot hold is never told.

use std::{os::unix::ffi::OsStrExt, path::Path, time::SystemTime};

use php_compat::query::percent_encode;
use warp::{
    http::{HeaderName, HeaderValue},
    reply::Response,
};

use super::{conditional::Validators, headers};
use crate::config::offload::OffloadPrefix;
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
    /// The order to send this file; `None` where its name does not lead to it, is not below
    /// nginx's location, or cannot be told to Apache.
    ///
    /// The status is 200 whatever the request was: the web server looks at ranges, conditions and
    /// the verb. nginx makes an entity tag of its own from the file that it sends. Apache does not:
    /// behind a proxy every file has the tag `"0"` there, under which clients would take one
    /// version for another. It gets ours. No length is in an order.
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

/// A path as it is. `mod_xsendfile` decodes `%` from its version 1.0 on and not before, so there is
/// no way to write one; control characters and a blank at the end cannot stand in a header.
fn unambiguous(path: &Path) -> Option<HeaderValue> {
    let path = path.as_os_str().as_bytes();
    let is_plain = !path.contains(&b'%') && !path.contains(&b'\t') && !path.ends_with(b" ");
    HeaderValue::from_bytes(path).ok().filter(|_| is_plain)
}

/// A path, with its slashes, of unreserved characters and escapes alone.
fn encoded(path: &Path) -> String {
    let parts = path.as_os_str().as_bytes().split(|&byte| byte == b'/');
    parts.map(percent_encode).collect::<Vec<_>>().join("/")
}
