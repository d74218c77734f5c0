//! Writes one line in the log and counts once per request: when the last byte of its answer has
//! gone or the client has disconnected.
//!
//! The line never holds keys, passwords, e-mails or query strings. For a request that came to no
//! end-point it holds the path, cut and cleaned, so that a wrong rewrite in the web server can be
//! found. Other text that a client can make up is only logged if it is a known name.

use std::error::Error;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Buf;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Response};
use hyper::body::{Body, Frame, SizeHint};

use super::counts::HttpCounts;
use super::counts::labels::DownloadEnd;
use crate::mask::printable;
use crate::methods;

/// The contents of the line besides status, bytes and duration.
#[derive(Debug, Clone)]
pub struct Record {
    /// When the head of the request had come.
    pub started: Instant,
    /// The HTTP method.
    pub verb: Method,
    /// The module's method, `-` if the request came to none.
    pub resource: &'static str,
    /// The package or package group, if the catalog has it.
    pub id: Option<String>,
    /// The path of a request that came to no end-point; see [`shown_path`].
    pub path: Option<String>,
    /// The error code, `ok` if there is none, `-` for a request that came to no end-point.
    pub code: &'static str,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The customer's hash, if the operator has set a key for it; see [`super::log_hash`].
    pub email: Option<String>,
    /// The counters of requests.
    pub counts: Arc<HttpCounts>,
}

/// A request that has no answer yet. If it is dropped before it has one, its line tells that.
pub struct Unanswered {
    /// The line's contents so far.
    pub record: Record,
    is_answered: bool,
}

impl Unanswered {
    /// Begins with the request.
    #[must_use]
    pub fn new(record: Record) -> Self {
        Self { record, is_answered: false }
    }

    /// Marks the request as answered and returns the record, which the answer carries.
    #[must_use]
    pub fn answered(mut self) -> Record {
        self.is_answered = true;
        self.record.clone()
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if !self.is_answered {
            self.record.finish(CUT_OFF, 0);
        }
    }
}

/// The status that other servers log too for a request that ended without an answer.
const CUT_OFF: u16 = 499;

/// Wraps the answer's body so that it is counted; the record travels in the answer's extensions.
/// `held` is dropped with the body.
pub fn follow<B, H>(mut answer: Response<B>, held: H) -> Response<Followed<B, H>> {
    let record = answer.extensions_mut().remove::<Record>();
    if let Some(record) = &record {
        record.counts.answered(record.resource, record.started.elapsed());
    }
    let (status, promised) = (answer.status().as_u16(), length(answer.headers()));
    answer.map(|body| Followed { body, record, status, promised, bytes: 0, _held: held })
}

fn length(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A body that counts the bytes that leave and writes the line when it is dropped.
pub struct Followed<B, H> {
    body: B,
    record: Option<Record>,
    status: u16,
    /// The length that the head promises, 0 if it promises none.
    promised: u64,
    bytes: u64,
    _held: H,
}

impl<B, H> Body for Followed<B, H>
where
    B: Body + Unpin,
    H: Unpin,
    B::Error: Error,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                let sent = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                self.bytes = self.bytes.saturating_add(sent);
            }
            Poll::Ready(Some(Err(error))) => {
                tracing::warn!("an answer broke off: {}", with_causes(error));
            }
            Poll::Ready(None) | Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B, H> Drop for Followed<B, H> {
    fn drop(&mut self) {
        if let Some(record) = &self.record {
            record.finish(self.status, self.bytes);
            record.count_download(self.status, self.bytes, self.promised);
        }
    }
}

impl Record {
    fn finish(&self, status: u16, bytes: u64) {
        self.counts.finished(self.resource, self.code, status);
        self.write(status, bytes);
    }

    /// Counts an answer with a file or a part of one; an answer to HEAD has neither.
    fn count_download(&self, status: u16, bytes: u64, promised: u64) {
        let is_file = self.code == "ok" && matches!(status, 200 | 206) && self.verb != Method::HEAD;
        if let Some(package) = &self.id
            && is_file
            && self.resource == methods::Method::Download.name()
        {
            let is_whole = bytes >= promised;
            let end = if is_whole { DownloadEnd::Complete } else { DownloadEnd::CutOff };
            self.counts.downloaded(package, bytes, end);
        }
    }

    fn write(&self, status: u16, bytes: u64) {
        tracing::info!(
            target: "jbackend_bridge::access",
            method = known(&self.verb),
            resource = self.resource,
            id = self.id.as_deref().unwrap_or("-"),
            code = self.code,
            status,
            bytes,
            duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            client = self.client.map_or_else(|| "-".into(), |client| client.to_string()),
            email = self.email.as_deref().unwrap_or("-"),
            path = self.path,
        );
    }
}

/// The most characters of a path that the log shows.
const LONGEST_PATH: usize = 80;

/// Makes a path fit for the log: cuts it, takes away the query and characters that steer a
/// terminal, and puts `…` for each segment that may be an e-mail, a key or a parameter.
#[must_use]
pub fn shown_path(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments = path.split('/').take(LONGEST_PATH + 2);
    let shown = segments.map(|segment| if may_be_private(segment) { "…" } else { segment });
    let shown = printable(&shown.collect::<Vec<_>>().join("/"));
    match shown.char_indices().nth(LONGEST_PATH) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

fn may_be_private(segment: &str) -> bool {
    /// License keys have more letters and digits in a row; names of pages consist of shorter words.
    const LONGEST_WORD: usize = 15;
    let mut words = segment.split(|c: char| !c.is_ascii_alphanumeric());
    let is_key =
        |word: &str| word.len() > LONGEST_WORD && word.contains(|c: char| c.is_ascii_digit());
    segment.contains(['@', '=', '&']) || segment.contains("%40") || words.any(is_key)
}

/// Joins an error and its causes. Leaves out a cause whose text the error already ends with.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

/// Names the HTTP method, or `other` if it is not a standard one: a client can make up any.
fn known(verb: &Method) -> &str {
    let standard = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if standard.contains(verb) { verb.as_str() } else { "other" }
}

#[cfg(test)]
mod tests {
    use super::shown_path;

    #[test]
    fn a_path_is_shown_without_what_may_be_private() {
        for (path, shown) in [
            (
                "/package/get/release/download/redj_1.9.0",
                "/package/get/release/download/redj_1.9.0",
            ),
            ("/x/user@example.com/7759be2e42149d8de20744af04915090", "/x/…/…"),
            ("/x/user%40example.com/email=a", "/x/…/…"),
            ("/a\u{1b}[31m\u{202e}", "/a\u{fffd}[31m\u{fffd}"),
            ("/a?key=b", "/a"),
            ("", ""),
        ] {
            assert_eq!(shown_path(path), shown);
        }
        assert_eq!(shown_path(&"/ab".repeat(40)).chars().count(), 81);
        assert_eq!(shown_path(&"/".repeat(100_000)).chars().count(), 81);
    }
}
