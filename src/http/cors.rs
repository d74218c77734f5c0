//! Scripts of other sites: the headers that a browser needs from an end-point with `enable_cors`.
//!
//! `docs/protocol.md`, "Force SSL, CORS". The original runs a preflight as an ordinary request and
//! leaves out the headers that would let the browser go on. The bridge answers it in full and runs
//! nothing.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    CONTENT_TYPE, VARY,
};
use http::{HeaderMap, HeaderValue, Method};

use super::response::Response;

/// Is the request a preflight, with which a browser asks for permission to send another?
#[must_use]
pub fn is_preflight(verb: &Method, headers: &HeaderMap) -> bool {
    *verb == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets any site read a JSON answer.
pub fn allow_reading(reply: &mut Response) {
    let headers = reply.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}

/// Lets a browser send the request that the preflight announces. All headers that it announces are
/// allowed: the protocol reads none that could do harm.
pub fn allow_request(reply: &mut Response, asked: &HeaderMap) {
    let headers = reply.headers_mut();
    let verbs = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, verbs);
    let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).filter(|wanted| wanted.len() <= LONGEST);
    let wanted = wanted.cloned().unwrap_or_else(|| HeaderValue::from_static("Content-Type"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
}

/// The longest list of header names that is repeated in the answer, in bytes.
const LONGEST: usize = 1024;
