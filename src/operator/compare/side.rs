//! One of the two sides: its address, and the way to send a case to it.
//!
//! A side is named by the URL of its end-point. The user and password of a site behind a login may
//! stand in it: they are sent only to this side and never shown.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use hyper::{Request, Uri};
use php_compat::query::percent_decode;

use super::case::CaseRequest;
use super::mask;
use super::values::{ENDPOINT, ENDPOINT_IN_CAPITALS};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Which {
    /// The running PHP site.
    Old,
    /// The bridge.
    New,
}

/// A URL or header that cannot be used. Never shows a login in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SideError {
    /// No URL of an end-point.
    #[error(
        "`--{0}` is no URL of an end-point: write it whole, with the end-point's path and nothing \
         behind it, like `https://shop.example/packages`"
    )]
    Url(Which),
    /// Only the host.
    #[error(
        "`--{0}` names no end-point: add its path, like `https://shop.example/packages`; if the \
         end-point is the start page, say so with `--endpoint /`"
    )]
    NoPath(Which),
    /// Another path than `--endpoint`.
    #[error("the path of `--{which}` does not end in `{endpoint}`, which `--endpoint` names")]
    OtherPath {
        /// The side.
        which: Which,
        /// As given.
        endpoint: String,
    },
    /// No header.
    #[error("{0} is no header: write `Name: value`")]
    Header(&'static str),
}

/// A side.
#[derive(Clone)]
pub struct Side {
    /// Which one.
    pub which: Which,
    scheme: String,
    authority: String,
    /// The path of a Joomla in a subdirectory, without a slash at its end.
    base: String,
    /// The end-point's own path below it.
    endpoint: String,
    /// The whole path of the end-point; on a site without rewriting `index.php` stands in it.
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The header with which a web server in front reports TLS.
const FORWARDED: &str = "x-forwarded-proto";

/// The part of the path on sites whose web server does not rewrite.
const SCRIPT: &str = "/index.php";

impl Side {
    /// Reads the URL of an end-point. `endpoint` is its path below the site if that is not only the
    /// last segment.
    ///
    /// # Errors
    /// See [`SideError`].
    pub fn parse(which: Which, url: &str, endpoint: Option<&str>) -> Result<Self, SideError> {
        let wrong = || SideError::Url(which);
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let scheme = scheme.to_ascii_lowercase();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (login, authority) = match authority.rsplit_once('@') {
            Some((login, authority)) => (Some(login), authority),
            None => (None, authority),
        };
        let is_plain = !authority.is_empty() && !url.contains(['?', '#', ' ', '{', '}']);
        if !["http", "https"].contains(&scheme.as_str()) || !is_plain {
            return Err(wrong());
        }
        let path = path.trim_end_matches('/');
        let endpoint = match endpoint {
            Some(endpoint) => endpoint.trim_matches('/'),
            None if path.is_empty() || path == SCRIPT => return Err(SideError::NoPath(which)),
            None => path.rsplit('/').next().unwrap_or_default(),
        };
        let above = match endpoint {
            "" => Some(path),
            _ => path.strip_suffix(endpoint).and_then(|above| above.strip_suffix('/')),
        };
        let above =
            above.ok_or_else(|| SideError::OtherPath { which, endpoint: endpoint.to_owned() })?;
        let side = Self {
            which,
            scheme,
            authority: authority.to_owned(),
            base: above.strip_suffix(SCRIPT).unwrap_or(above).to_owned(),
            endpoint: endpoint.to_owned(),
            path: path.to_owned(),
            headers: login.map(authorization).into_iter().collect(),
        };
        side.uri("/").map(|_| side).ok_or_else(wrong)
    }

    /// Sends a header with every request, in place of the case's own. `flag` is named when the text
    /// is no header.
    ///
    /// # Errors
    /// See [`SideError`].
    pub fn add_header(&mut self, flag: &'static str, text: &str) -> Result<(), SideError> {
        let wrong = || SideError::Header(flag);
        let (name, value) = text.split_once(':').ok_or_else(wrong)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
        Ok(())
    }

    /// Adds `X-Forwarded-Proto: https` as the web server in front of the bridge will, if the other
    /// side uses https and this one does not; a given header stays.
    pub fn stand_behind(&mut self, other: &Self) {
        let name = HeaderName::from_static(FORWARDED);
        let is_given = self.headers.iter().any(|(known, _)| *known == name);
        if other.scheme == "https" && self.scheme == "http" && !is_given {
            self.headers.push((name, HeaderValue::from_static("https")));
        }
    }

    /// The scheme that clients use, who may come by a web server in front.
    fn public_scheme(&self) -> &str {
        let said = self.headers.iter().find(|(name, _)| name.as_str() == FORWARDED);
        said.and_then(|(_, value)| value.to_str().ok()).unwrap_or(&self.scheme)
    }

    /// The end-point's path below the site, without slashes around it.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The end-point's URL, without a login.
    #[must_use]
    pub fn url(&self) -> String {
        mask::text(&format!("{}://{}{}", self.scheme, self.authority, self.path))
    }

    /// Returns the request for a case; `None` if its target cannot be sent.
    #[must_use]
    pub fn request(&self, sent: &CaseRequest) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(sent.body.clone()));
        *request.method_mut() = sent.method.clone();
        *request.uri_mut() = self.uri(&self.target(sent))?;
        let headers = request.headers_mut();
        for (name, value) in sent.headers.iter().chain(&self.headers) {
            headers.insert(name.clone(), value.clone());
        }
        Some(request)
    }

    /// Path and query of a case at this side.
    #[must_use]
    pub fn target(&self, sent: &CaseRequest) -> String {
        let target = &sent.target;
        let whole = match target.chars().next() {
            Some('/') => format!("{}{target}", self.base),
            Some('{') => {
                format!("{}{target}", self.path.strip_suffix(&self.endpoint).unwrap_or("/"))
            }
            Some('?') | None if self.path.is_empty() => format!("/{target}"),
            Some('?') | None => format!("{}{target}", self.path),
            Some(_) => format!("{}/{target}", self.path),
        };
        whole
            .replace(ENDPOINT, &self.endpoint)
            .replace(ENDPOINT_IN_CAPITALS, &self.endpoint.to_uppercase())
    }

    /// A line to paste into a terminal that asks the same; secrets are left out.
    #[must_use]
    pub fn curl(&self, sent: &CaseRequest) -> String {
        let target = mask::target(&self.target(sent));
        let mut line = format!("curl -i '{}://{}{}'", self.scheme, self.authority, quoted(&target));
        match sent.method.as_str() {
            "GET" => {}
            "HEAD" => line.push_str(" -I"),
            method => {
                line.push_str(" -X ");
                line.push_str(method);
            }
        }
        // Writing to a string cannot fail.
        for (name, value) in sent.headers.iter().chain(&self.headers) {
            let shown = match name.as_str() {
                "accept" if *value == "*/*" => continue,
                "user-agent" if *value == super::case::AGENT => continue,
                "content-type" if !sent.body.is_empty() && is_form(value) => continue,
                "host" => mask::text(&String::from_utf8_lossy(value.as_bytes())),
                _ => mask::header(name, value),
            };
            let _ = write!(line, " -H '{name}: {}'", quoted(&shown));
        }
        if !sent.body.is_empty() {
            let form = sent.header(&hyper::header::CONTENT_TYPE).is_some_and(is_form);
            let shown = if form {
                mask::form(&String::from_utf8_lossy(&sent.body))
            } else {
                "***".to_owned()
            };
            let _ = write!(line, " -d '{}'", quoted(&mask::text(&shown)));
        }
        line
    }

    /// A place an answer sends to, with this side's own address cut off, so that two sides can be
    /// compared.
    #[must_use]
    pub fn place(&self, location: &str) -> String {
        let host = self.headers.iter().find(|(name, _)| *name == HOST);
        let host = host.and_then(|(_, value)| value.to_str().ok()).unwrap_or(&self.authority);
        for scheme in ["http", "https"] {
            let Some(rest) = location.strip_prefix(&format!("{scheme}://{host}")) else { continue };
            if !rest.is_empty() && !rest.starts_with(['/', '?']) {
                continue;
            }
            let rest = rest.strip_prefix(&self.base).unwrap_or(rest);
            return if scheme == self.public_scheme() {
                rest.to_owned()
            } else {
                format!("{scheme}:{rest}")
            };
        }
        location.strip_prefix(&self.base).unwrap_or(location).to_owned()
    }

    fn uri(&self, target: &str) -> Option<Uri> {
        Uri::builder()
            .scheme(self.scheme.as_str())
            .authority(self.authority.as_str())
            .path_and_query(target)
            .build()
            .ok()
    }
}

fn is_form(kind: &HeaderValue) -> bool {
    kind == "application/x-www-form-urlencoded"
}

/// Within single quotes of a shell.
fn quoted(text: &str) -> String {
    text.replace('\'', r"'\''")
}

fn authorization(login: &str) -> (HeaderName, HeaderValue) {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut plain = percent_decode(user.as_bytes(), false);
    plain.push(b':');
    plain.extend(percent_decode(password.as_bytes(), false));
    // Base64 can always stand in a header.
    let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(plain)));
    let mut value = value.unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    (AUTHORIZATION, value)
}
