//! Answers a request for an update XML.
//!
//! `front` calls `find` before it reads a body or routes a request. Update XML is public:
//! no access check, no API key, no trace row. `docs/updates.md`, "Over HTTP", has the rules. Must
//! not import: `packages`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::accept_encoding::accepts_gzip;
use super::download::conditional::{ConditionResult, Validators, judge};
use super::reply;
use super::response::Response;
use crate::jbackend::update_path::UpdatePath;
use crate::site::Settings;
use crate::site::endpoint::Endpoints;
use crate::site::target::SitePath;
use crate::updates::document_text::DocumentText;
use crate::updates::documents::Document;
use crate::updates::publication::Publication;

/// The name of these requests in log and metrics.
pub const RESOURCE: &str = "updates";

/// A request for an update XML.
pub(super) struct UpdateXmlRequest {
    publication: Arc<Publication>,
    /// The XML; `None` if there is none of that name.
    pub(super) document: Option<Arc<Document>>,
    /// There may be one of that name once all packages have been read.
    is_awaited: bool,
    /// The end-point requires TLS.
    pub(super) force_ssl: bool,
    /// Scripts of other sites may read the end-point's answers.
    pub(super) cors: bool,
}

/// Finds the update XML that a request is for. A request for an unknown name is for the bridge too,
/// unless there is a site behind the bridge, which may have a file of that name.
pub(super) fn find(
    path: &SitePath,
    endpoints: &Endpoints,
    publication: &Arc<Publication>,
    settings: &Settings,
    is_alone: bool,
) -> Option<UpdateXmlRequest> {
    let UpdatePath { behaviour, name } = UpdatePath::of(path, endpoints)?;
    let documents = publication.current();
    let document = documents.get(&name).filter(|_| settings.published).cloned();
    let is_awaited = document.is_none() && settings.published && documents.is_awaited(&name);
    (document.is_some() || is_awaited || is_alone).then(|| UpdateXmlRequest {
        publication: Arc::clone(publication),
        document,
        is_awaited,
        force_ssl: behaviour.force_ssl,
        cors: behaviour.cors,
    })
}

/// Answers the request.
pub(super) fn respond(
    asked: &UpdateXmlRequest,
    verb: &Method,
    headers: &HeaderMap,
    settings: &Settings,
) -> Response {
    let UpdateXmlRequest { publication, document, .. } = asked;
    let Some(document) = document else {
        if asked.is_awaited {
            let text = "The packages are being read: try again.\n";
            let mut reply = not_kept(StatusCode::SERVICE_UNAVAILABLE, text);
            reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
            return reply;
        }
        return not_kept(StatusCode::NOT_FOUND, "There is no update XML of this name.\n");
    };
    if !matches!(*verb, Method::GET | Method::HEAD) {
        let mut reply = not_kept(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    let found = document.under(&settings.catalog);
    if !found.is_whole {
        publication.wake();
    }
    document.look(&settings.catalog, &settings.folder, publication);
    let changed = publication.last_change(document, &found.text);
    let mut reply = with_text(&found.text, changed, verb, headers);
    if asked.cors {
        let anybody = HeaderValue::from_static("*");
        reply.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    }
    reply
}

fn with_text(text: &DocumentText, changed: u64, verb: &Method, headers: &HeaderMap) -> Response {
    let packed = text.packed.as_ref().filter(|_| accepts_gzip(headers));
    let tag = match packed {
        Some(_) => format!("{}-gzip", text.tag),
        None => text.tag.clone(),
    };
    let changed = UNIX_EPOCH + Duration::from_secs(changed);
    // The text may change again within this second; then the client's date would stand for two
    // texts.
    let verdict = judge(headers, &Validators::new(&tag, changed, changed));
    let validators = Validators::new(&tag, changed, SystemTime::now());
    let mut reply = match verdict {
        ConditionResult::Proceed => {
            let body = packed.unwrap_or(&text.plain).clone();
            let length = HeaderValue::from(body.len());
            let body = if *verb == Method::HEAD { bytes::Bytes::new() } else { body };
            let mut reply = Response::new(body.into());
            let fields = reply.headers_mut();
            fields.insert(CONTENT_LENGTH, length);
            let kind = HeaderValue::from_static("application/xml; charset=utf-8");
            fields.insert(CONTENT_TYPE, kind);
            fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            if packed.is_some() {
                fields.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            reply
        }
        ConditionResult::NotModified => of_status(StatusCode::NOT_MODIFIED),
        ConditionResult::Failed => of_status(StatusCode::PRECONDITION_FAILED),
    };
    let fields = reply.headers_mut();
    put(fields, ETAG, &validators.etag());
    put(fields, LAST_MODIFIED, &validators.last_modified());
    keep_asking(fields);
    if text.packed.is_some() {
        fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    reply
}

fn of_status(status: StatusCode) -> Response {
    let mut reply = Response::default();
    *reply.status_mut() = status;
    reply
}

fn not_kept(status: StatusCode, text: &'static str) -> Response {
    let mut reply = reply::plain(status, text);
    keep_asking(reply.headers_mut());
    reply
}

/// Makes caches revalidate a copy before they use it. A copy from before a release would hold the
/// checksums of a file that is served no more.
fn keep_asking(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

/// Sets a header. Its text is made here, in ASCII without control characters, which every header
/// may hold.
fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
