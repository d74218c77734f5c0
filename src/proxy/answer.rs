//! The head of the site's answer for the client, and the pages for requests that the site does not
//! answer.

use http::header::{CACHE_CONTROL, CONNECTION, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};

use super::request;
use crate::http::reply;
use crate::http::response::Response;

/// Why the site gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// No connection, or one that broke.
    Unreachable,
    /// No byte came for too long.
    Silent,
    /// The client stopped sending in the middle of the request.
    ClientSilent,
    /// The client disconnected in the middle of the request, or broke its framing.
    ClientBroken,
}

impl Failure {
    /// Makes the page for the client.
    pub(super) fn page(self) -> Response {
        let (status, text) = match self {
            Self::Unreachable => (
                StatusCode::BAD_GATEWAY,
                "The site does not answer at the moment. Please try again in a minute.\n",
            ),
            Self::Silent => (
                StatusCode::GATEWAY_TIMEOUT,
                "The site takes too long to answer. Please try again in a minute.\n",
            ),
            Self::ClientSilent => {
                (StatusCode::REQUEST_TIMEOUT, "The request's body did not arrive.\n")
            }
            Self::ClientBroken => (StatusCode::BAD_REQUEST, "The request's body is not valid.\n"),
        };
        let mut page = reply::plain(status, text);
        let headers = page.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The rest of a body may still be on its way: the bytes that follow are not a request.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        page
    }
}

/// Copies the headers that are passed on.
pub(super) fn headers(given: &HeaderMap, pass_offload: bool) -> HeaderMap {
    let named = request::named(given);
    let mut passed = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let stays = request::is_hop_by_hop(name)
            || named.contains(name.as_str())
            || (!pass_offload && is_offload(name));
        if !stays {
            passed.append(name, value.clone());
        }
    }
    passed
}

/// Does the header order a web server to send one of its own files? It is meant for the site's web
/// server, not for one in front of the bridge.
fn is_offload(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-accel-")
        || matches!(name, "x-sendfile" | "x-lighttpd-send-file" | "x-litespeed-location")
}
