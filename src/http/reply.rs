//! Answers as the jBackend core writes them: JSON, byte for byte; `docs/protocol.md`, "Response
//! shape".

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use php_compat::json::Object;
use warp::http::header::{CONNECTION, CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use warp::reply::Response;

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

/// The age, in seconds, of the snapshot that answers in place of the database; `docs/operations.md`,
/// "When the database is gone".
const SNAPSHOT: HeaderName = HeaderName::from_static("x-bridge-snapshot");

/// How refusals look.
#[derive(Debug, Clone)]
pub struct Refusals {
    status: HttpStatus,
    /// Other names and texts, by the usual name.
    renamed: HashMap<String, CodeName>,
    /// The answers, by the usual name of their code.
    written: HashMap<&'static str, Written>,
}

/// A refusal, ready to be sent.
#[derive(Debug, Clone)]
struct Written {
    body: Bytes,
    /// The code for the header, where one can hold it.
    name: Option<HeaderValue>,
}

impl Refusals {
    /// As the configuration has them.
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

    /// The codes that this site calls otherwise, by their usual names.
    #[must_use]
    pub fn renamed(&self) -> BTreeMap<String, String> {
        let codes = self.renamed.iter();
        codes.filter_map(|(usual, new)| Some((usual.clone(), new.code.clone()?))).collect()
    }

    /// The code's name on this site.
    #[must_use]
    pub fn name(&self, code: ErrorCode) -> &str {
        let renamed = self.renamed.get(code.name);
        renamed.and_then(|new| new.code.as_deref()).unwrap_or(code.name)
    }

    /// The code's description on this site.
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

    /// `{"status":"ko",…}`; `to_updater` tells whether Joomla's updater asked for a download.
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

/// The name of a code where a header can hold it as it is: an operator may have chosen one of other
/// characters, or with blanks that would be lost on the way.
fn header_value(name: &str) -> Option<HeaderValue> {
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    HeaderValue::from_str(name).ok().filter(|_| fits)
}

/// `{"status":"ok"}`.
#[must_use]
pub fn ok() -> Response {
    json(Bytes::from_static(br#"{"status":"ok"}"#))
}

/// `{"status":"ok","email":…,"key":…}`, with `"dlid":"<user id>:<key>"` at the end where the answer
/// is to have one.
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

/// A page for people who are not on an end-point, or whose request no web server would take.
#[must_use]
pub fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut reply = Response::new(text.into());
    *reply.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert(CONTENT_TYPE, kind);
    reply
}

/// The client may come again after this many seconds.
pub fn ask_to_wait(reply: &mut Response, seconds: u64) {
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// The connection ends with this answer.
pub fn close_after(reply: &mut Response) {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}

/// Says that the answer may come from a snapshot of this age.
pub fn of_snapshot(reply: &mut Response, age: Duration) {
    reply.headers_mut().insert(SNAPSHOT, HeaderValue::from(age.as_secs()));
}

/// Does a download request look like Joomla's updater?
///
/// Joomla 4 and later name themselves; Joomla 3 sends nothing but `Host` and `Accept: */*`, which
/// no browser and no common script does. See `docs/release.md`, "HTTP status".
#[must_use]
pub fn is_joomla_updater(verb: &Method, headers: &HeaderMap) -> bool {
    use warp::http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, COOKIE, USER_AGENT};
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
