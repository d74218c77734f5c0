//! Redirects from http to https, those of Joomla and of jBackend.
//!
//! Joomla's own `force_ssl` comes first and answers with 301; a menu item's answers with 303, for
//! every HTTP method. `docs/protocol.md`, "Force SSL, CORS".

use http::header::{HOST, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::reply;
use super::response::Response;

/// The settings that decide if a request without TLS is redirected, and to which host.
#[derive(Debug, Clone, Default)]
pub struct ForceSsl {
    /// Joomla's `force_ssl = 2`.
    pub whole_site: bool,
    /// The host of the configured public URL, with its port.
    pub host: Option<String>,
}

impl ForceSsl {
    /// Makes the redirect for a request without TLS, if one is due.
    #[must_use]
    pub fn redirect(
        &self,
        end_point: bool,
        headers: &HeaderMap,
        path: &str,
        query: &str,
    ) -> Option<Response> {
        let status = match (self.whole_site, end_point) {
            (true, _) => StatusCode::MOVED_PERMANENTLY,
            (false, true) => StatusCode::SEE_OTHER,
            (false, false) => return None,
        };
        let mark = if query.is_empty() { "" } else { "?" };
        let host = self.host.as_deref().or_else(|| named_host(headers));
        let location = host
            .map(|host| format!("https://{host}{path}{mark}{query}"))
            .and_then(|location| HeaderValue::from_bytes(location.as_bytes()).ok());
        let Some(location) = location else {
            return Some(reply::plain(StatusCode::BAD_REQUEST, "The host is not valid.\n"));
        };
        let mut redirect = Response::default();
        *redirect.status_mut() = status;
        redirect.headers_mut().insert(LOCATION, location);
        Some(redirect)
    }
}

/// Returns the Host header if it is valid: a name or an address, perhaps with a port.
fn named_host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let authority: http::uri::Authority = host.parse().ok()?;
    (authority.as_str() == host && !host.contains('@')).then_some(host)
}
