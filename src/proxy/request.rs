//! The head of a request for the site. `Connection` and other headers of the hop are left out. The
//! bridge's headers about the client replace the client's own.

use std::collections::HashSet;
use std::net::IpAddr;

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST, HeaderName,
    HeaderValue, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, StatusCode};

use crate::http::head::Head;
use crate::http::peer::{Peer, Proxies};
use crate::http::reply;
use crate::http::response::Response;

/// RFC 8586's header against loops. `Via` would serve, too, but it keeps nginx from compressing.
const LOOP: HeaderName = HeaderName::from_static("cdn-loop");

/// Why a request does not go to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotForwarded {
    /// No path, such as `*`.
    Target,
    /// Two different hosts, or one that is not valid.
    Host,
    /// A coding of the body other than `chunked`.
    Coding,
    /// A file of the package folder.
    PackageFile,
    /// The request has been through this bridge before.
    Loop,
    /// The request is for a WebSocket.
    Upgrade,
}

impl NotForwarded {
    /// Makes the page for the client.
    pub(super) fn page(self) -> Response {
        let (status, text) = match self {
            Self::Target => (StatusCode::BAD_REQUEST, "The address is not valid.\n"),
            Self::Host => (StatusCode::BAD_REQUEST, "The host is not valid.\n"),
            Self::Coding => (StatusCode::NOT_IMPLEMENTED, "This transfer coding is not known.\n"),
            Self::PackageFile => (
                StatusCode::FORBIDDEN,
                "Packages are not served from this address: use the site's download links.\n",
            ),
            Self::Loop => (StatusCode::LOOP_DETECTED, "The request goes in circles.\n"),
            Self::Upgrade => (StatusCode::NOT_IMPLEMENTED, "There are no WebSockets here.\n"),
        };
        reply::plain(status, text)
    }
}

/// Makes the headers to send. `id` is the bridge's own; `default_host` is used if the request names
/// no host.
///
/// # Errors
/// See [`NotForwarded`].
pub(super) fn headers(
    head: &Head,
    proxies: &Proxies,
    id: &str,
    default_host: &str,
) -> Result<HeaderMap, NotForwarded> {
    let given = &head.headers;
    let host = host(head, default_host)?;
    if given.get_all(LOOP).iter().any(|seen| contains(seen.as_bytes(), id.as_bytes())) {
        return Err(NotForwarded::Loop);
    }
    if given.get_all(UPGRADE).iter().any(|to| contains(&lower(to), b"websocket")) {
        return Err(NotForwarded::Upgrade);
    }
    let chunked = is_chunked(given)?;
    let named = named(given);
    let trusted = proxies.trusts(head.peer);
    let mut sent = HeaderMap::with_capacity(given.len() + 4);
    sent.insert(HOST, host.clone());
    for (name, value) in given {
        let stays = is_hop_by_hop(name)
            || (named.contains(name.as_str()) && !is_protected(name))
            || (!trusted && is_claim(name));
        if !stays && name != HOST {
            sent.append(name, value.clone());
        }
    }
    if chunked {
        // Set explicitly: hyper takes a GET of unknown length for one without a body.
        sent.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        sent.remove(CONTENT_LENGTH);
    }
    tell_of_client(&mut sent, head, proxies, host);
    if let Ok(ours) = HeaderValue::from_str(id) {
        sent.append(LOOP, ours);
    }
    Ok(sent)
}

fn host(head: &Head, default_host: &str) -> Result<HeaderValue, NotForwarded> {
    if head.headers.get_all(HOST).iter().count() > 1 {
        return Err(NotForwarded::Host);
    }
    match head.headers.get(HOST) {
        // An absolute target names a host, too: `Head` has compared them.
        Some(_) if head.host.is_err() => Err(NotForwarded::Host),
        Some(host) => Ok(host.clone()),
        None => {
            let authority = head.host.as_ref().ok().and_then(Option::as_ref);
            let host = authority.map_or(default_host, |authority| authority.as_str());
            HeaderValue::from_str(host).map_err(|_| NotForwarded::Host)
        }
    }
}

fn is_chunked(headers: &HeaderMap) -> Result<bool, NotForwarded> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(one), None) if one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") => {
            Ok(true)
        }
        _ => Err(NotForwarded::Coding),
    }
}

/// Collects the header names in `Connection`: those headers are only for this hop. It is a set, as
/// a client may name thousands, and each header is looked up in it.
pub(super) fn named(headers: &HeaderMap) -> HashSet<String> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_lowercase()).collect()
}

/// Is the header about the connection, and not about the request or answer?
pub(super) fn is_hop_by_hop(name: &HeaderName) -> bool {
    [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, PROXY_AUTHORIZATION, EXPECT]
        .contains(name)
        || matches!(
            name.as_str(),
            "keep-alive" | "proxy-connection" | "proxy-authenticate" | "http2-settings"
                // PHP would take it for the environment variable HTTP_PROXY.
                | "proxy"
        )
}

/// Is this a header that a client must not remove by naming it in `Connection`? The bridge has
/// judged the request by it, or a proxy has set it.
fn is_protected(name: &HeaderName) -> bool {
    [HOST, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, AUTHORIZATION, LOOP].contains(name)
        || is_claim(name)
}

/// Does a proxy set the header about a client? PHP reads `_` and `-` in a name alike.
fn is_claim(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    name.starts_with("x-forwarded-") || name == "forwarded" || name == "x-real-ip"
}

/// Sets `X-Forwarded-…`. The chain of a trusted peer continues; headers of other peers do not
/// count.
fn tell_of_client(sent: &mut HeaderMap, head: &Head, proxies: &Proxies, host: HeaderValue) {
    let peer = match head.peer {
        Peer::Tcp(address) => Some(address.ip().to_canonical()),
        Peer::Unix => None,
    };
    if let Some(chain) = chain(sent, peer) {
        sent.insert("x-forwarded-for", chain);
    }
    let scheme = if proxies.is_secure(head.peer, &head.headers) { "https" } else { "http" };
    sent.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
    if !sent.contains_key("x-forwarded-host") {
        sent.insert("x-forwarded-host", host);
    }
}

fn chain(sent: &HeaderMap, peer: Option<IpAddr>) -> Option<HeaderValue> {
    let mut chain = Vec::new();
    for entry in sent.get_all("x-forwarded-for") {
        chain.extend_from_slice(entry.as_bytes());
        chain.extend_from_slice(b", ");
    }
    match peer {
        Some(peer) => chain.extend_from_slice(peer.to_string().as_bytes()),
        None => chain.truncate(chain.len().saturating_sub(2)),
    }
    HeaderValue::from_bytes(&chain).ok().filter(|chain| !chain.is_empty())
}

fn lower(value: &HeaderValue) -> Vec<u8> {
    value.as_bytes().to_ascii_lowercase()
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}
