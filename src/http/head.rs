//! The head of a request, in the form in which the front reads it.
//!
//! [`super::connection`] makes it once from the headers of hyper's request, and the filter passes it on
//! unchanged.

use std::str::FromStr;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Method, Request};

use super::peer::Peer;

/// A request without its body.
pub struct Head {
    /// The HTTP method.
    pub verb: Method,
    /// The path, as it was sent.
    pub path: String,
    /// The text after the `?`, if there is one.
    pub query: Option<String>,
    /// The host named by the target or the Host header.
    pub host: Result<Option<Authority>, BadHost>,
    /// The header fields.
    pub headers: HeaderMap,
    /// The other end of the connection.
    pub peer: Peer,
}

/// Target and Host header name different hosts, or the header is not a valid host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadHost;

impl Head {
    /// Takes the head out of a request, which keeps its method and target.
    pub fn take<B>(request: &mut Request<B>, peer: Peer) -> Self {
        let headers = std::mem::take(request.headers_mut());
        let target = request.uri();
        Self {
            verb: request.method().clone(),
            path: target.path().to_owned(),
            query: target.query().map(str::to_owned),
            host: host(target.authority(), &headers),
            headers,
            peer,
        }
    }

    /// Returns the query, empty if there is none.
    pub fn query(&self) -> &str {
        self.query.as_deref().unwrap_or_default()
    }
}

/// Finds the host. If target and header both name one, they must name the same.
fn host(target: Option<&Authority>, headers: &HeaderMap) -> Result<Option<Authority>, BadHost> {
    let Some(header) = headers.get(HOST) else { return Ok(target.cloned()) };
    let header = header.to_str().map_err(|_| BadHost)?;
    let header = Authority::from_str(header).map_err(|_| BadHost)?;
    match target {
        Some(target) if *target != header => Err(BadHost),
        _ => Ok(Some(header)),
    }
}
