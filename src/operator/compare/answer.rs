//! An answer as far as it is compared.

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use hyper::{Method, Response, StatusCode};
use serde_json::{Map, Value};

use super::mask;
use crate::operator::http_client::Digest;
use crate::proxy::shadow::seen::{Coding, LONGEST, is_json, printable};

/// Bytes of a body that are kept: more than any answer of jBackend has.
pub const KEPT: usize = LONGEST;

/// An answer. It may hold a license key, so it has no `Debug`.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, or its digest.
    pub body: Digest,
    /// Its kind.
    pub kind: AnswerKind,
}

/// The kind of an answer.
pub enum AnswerKind {
    /// An answer of jBackend.
    Json {
        /// `ok` or the error code.
        code: String,
        /// All of it.
        fields: Map<String, Value>,
    },
    /// The head of an answer of jBackend: a HEAD tells no code.
    JsonHead,
    /// A package, or a part of one.
    File,
    /// Somewhere else.
    Redirect,
    /// A page, or an answer that clients of jBackend do not understand.
    Other,
}

impl Answer {
    /// Judges an answer to a request with this method.
    #[must_use]
    pub fn new(method: &Method, response: Response<Digest>) -> Self {
        let (head, body) = response.into_parts();
        let kind = kind(method, head.status, &head.headers, &body);
        Self { status: head.status, headers: head.headers, body, kind }
    }

    /// Is it one of jBackend, code and all?
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            AnswerKind::Json { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Returns a header as text, empty if it is missing.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> String {
        let value = self.headers.get(name).map(|value| value.as_bytes().to_vec());
        String::from_utf8_lossy(&value.unwrap_or_default()).into_owned()
    }

    /// The kind of content, without its parameters.
    #[must_use]
    pub fn content_type(&self) -> String {
        let kind = self.header(&CONTENT_TYPE).to_ascii_lowercase();
        kind.split(';').next().unwrap_or_default().trim().to_owned()
    }

    /// Returns its kind, for people: a code, `file`, or the kind of page.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.kind {
            AnswerKind::Json { code, .. } => code.clone(),
            AnswerKind::JsonHead => "JSON".to_owned(),
            AnswerKind::File => "file".to_owned(),
            AnswerKind::Redirect => {
                format!("redirect to {}", mask::target(&self.header(&LOCATION)))
            }
            AnswerKind::Other => {
                let kind = self.content_type();
                let kind = if kind.is_empty() { "no content type" } else { &kind };
                format!("{} {}", self.status.as_u16(), mask::text(kind))
            }
        }
    }
}

fn kind(method: &Method, status: StatusCode, headers: &HeaderMap, body: &Digest) -> AnswerKind {
    if status.is_redirection() && headers.contains_key(LOCATION) {
        return AnswerKind::Redirect;
    }
    if is_json(headers) {
        if *method == Method::HEAD {
            return AnswerKind::JsonHead;
        }
        let plain = Coding::of(headers).plain(&body.start).filter(|_| body.is_complete);
        let fields = plain.and_then(|plain| serde_json::from_slice::<Map<_, _>>(&plain).ok());
        let Some(fields) = fields else { return AnswerKind::Other };
        let code = ["error_code", "status"].map(|name| fields.get(name).and_then(Value::as_str));
        let code = code.into_iter().flatten().next().map(printable);
        return code.map_or(AnswerKind::Other, |code| AnswerKind::Json { code, fields });
    }
    let page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/"));
    let is_file = matches!(status.as_u16(), 200 | 206 | 304) && !page;
    if is_file { AnswerKind::File } else { AnswerKind::Other }
}
