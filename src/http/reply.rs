//! Writes answers in jBackend's JSON, byte for byte; `docs/protocol.md`, "Response shape".

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use php_compat::json::Object;

use super::response::Response;
use crate::config::sections::Release;
use crate::config::values::{CodeName, HttpStatus};
use crate::jbackend;
use crate::methods::{self, DlidUser, ErrorCode};

/// The whole answer to a connection beyond its address's share.
pub(super) const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 51\r\n\r\n\
    Too many connections from your address: try again.\n";

/// The refusal's code, for clients and logs of web servers that do not read the body.
const RELEASE_ERROR: HeaderName = HeaderName::from_static("x-release-error");

/// The age, in seconds, of the standby copy that answers if the database fails;
/// `docs/operations.md`, "When the database is gone".
const SNAPSHOT: HeaderName = HeaderName::from_static("x-bridge-snapshot");

/// The form of refusals on this site.
#[derive(Debug, Clone)]
pub struct Refusals {
    status: HttpStatus,
    /// The configured names and texts, by the usual name of their code.
    renamed: HashMap<String, CodeName>,
    /// The finished answers, by the usual name of their code.
    written: HashMap<&'static str, Written>,
}

/// A refusal, ready to be sent.
#[derive(Debug, Clone)]
struct Written {
    body: Bytes,
    /// The code for the header, if a header can hold it.
    name: Option<HeaderValue>,
}

impl Refusals {
    /// Prepares the answers from the configuration.
    #[must_use]
    pub fn new(config: &Release) -> Self {
        let renamed = config.error_codes.clone().into_iter().collect();
        let mut refusals = Self { status: config.http_status, renamed, written: HashMap::new() };
        for code in methods::code::ALL.iter().chain(jbackend::code::ALL) {
            let written = refusals.write(*code);
            refusals.written.insert(code.name, written);
        }
        refusals
    }

    /// Lists the codes that this site renames, by their usual names.
    #[must_use]
    pub fn renamed(&self) -> BTreeMap<String, String> {
        let codes = self.renamed.iter();
        codes.filter_map(|(usual, new)| Some((usual.clone(), new.code.clone()?))).collect()
    }

    /// Returns the code's name on this site.
    #[must_use]
    pub fn name(&self, code: ErrorCode) -> &str {
        let renamed = self.renamed.get(code.name);
        renamed.and_then(|new| new.code.as_deref()).unwrap_or(code.name)
    }

    /// Returns the code's description on this site.
    #[must_use]
    pub fn text(&self, code: ErrorCode) -> &str {
        let renamed = self.renamed.get(code.name);
        renamed.and_then(|new| new.text.as_deref()).unwrap_or(code.text)
    }

    fn write(&self, code: ErrorCode) -> Written {
        let (name, text) = (self.name(code), self.text(code));
        let body = Object::new()
            .text("status", "ko")
            .text("error_code", name)
            .text("error_description", text)
            .finish();
        Written { body: body.into(), name: header_value(name) }
    }

    /// Makes `{"status":"ko",…}`. `to_updater`: the request is a download by Joomla's updater.
    #[must_use]
    pub fn reply(&self, code: ErrorCode, to_updater: bool) -> Response {
        let written = self.written.get(code.name).cloned();
        let Written { body, name } = written.unwrap_or_else(|| self.write(code));
        let mut reply = json(body);
        if let Some(name) = name {
            reply.headers_mut().insert(RELEASE_ERROR, name);
        }
        let real = match self.status {
            HttpStatus::Always200 => false,
            HttpStatus::Real => true,
            HttpStatus::JoomlaUpdater => to_updater,
        };
        if real {
            *reply.status_mut() = StatusCode::from_u16(code.status).unwrap_or(StatusCode::OK);
        }
        reply
    }
}

/// Makes the header of a code, if a header can hold its name unchanged. An operator may have chosen
/// a name with other characters, or with blanks that would be lost on the way.
fn header_value(name: &str) -> Option<HeaderValue> {
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    HeaderValue::from_str(name).ok().filter(|_| fits)
}

/// Makes `{"status":"ok"}`.
#[must_use]
pub fn ok() -> Response {
    json(Bytes::from_static(br#"{"status":"ok"}"#))
}

/// Makes `{"status":"ok","email":…,"key":…}`, with `"dlid":"<user id>:<key>"` at the end if a
/// `dlid` is given.
#[must_use]
pub fn key(email: &str, key: &str, dlid: Option<DlidUser>) -> Response {
    let answer = Object::new().text("status", "ok").text("email", email).text("key", key);
    let answer = match dlid {
        Some(user) => answer.text("dlid", &user.with(key)),
        None => answer,
    };
    json(answer.finish().into())
}

fn json(body: Bytes) -> Response {
    let mut reply = Response::new(body.into());
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment;filename=\"response.json\""),
    );
    reply
}

/// Makes a text page, for people who came to no end-point, or whose request is not valid HTTP.
#[must_use]
pub fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut reply = Response::new(text.into());
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(CONTENT_TYPE, kind);
    reply
}

/// Tells the client to come again after this many seconds.
pub fn ask_to_wait(reply: &mut Response, seconds: u64) {
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// Closes the connection after this answer.
pub fn close_after<B>(reply: &mut http::Response<B>) {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}

/// Tells that the answer may come from a standby copy of this age.
pub fn of_snapshot(reply: &mut Response, age: Duration) {
    reply.headers_mut().insert(SNAPSHOT, HeaderValue::from(age.as_secs()));
}

/// Does a download request look like Joomla's updater?
///
/// Joomla 4 and later send their name. Joomla 3 sends only `Host` and `Accept: */*`, which no
/// browser and no common script does. See `docs/release.md`, "HTTP status".
#[must_use]
pub fn is_joomla_updater(verb: &Method, headers: &HeaderMap) -> bool {
    use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, COOKIE, USER_AGENT};
    match headers.get(USER_AGENT) {
        Some(agent) => {
            agent.as_bytes().windows(b"Joomla!/".len()).any(|window| window == b"Joomla!/")
        }
        None => {
            *verb == Method::GET
                && headers.get(ACCEPT).is_some_and(|accept| accept == "*/*")
                && ![ACCEPT_LANGUAGE, ACCEPT_ENCODING, COOKIE]
                    .iter()
                    .any(|header| headers.contains_key(header))
        }
    }
}
