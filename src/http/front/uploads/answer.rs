//! The JSON of an answer.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::http::response::Response;
use crate::publish::lint::Finding;
use crate::release::record::ReleaseRecord;

/// A release as a client sees it.
#[derive(Serialize)]
pub(super) struct ReleaseJson<'r> {
    result: &'static str,
    id: &'r str,
    version: &'r str,
    state: &'static str,
    extension: String,
    group: Option<&'r str>,
    channel: String,
    file_name: &'r str,
    size: u64,
    sha256: &'r str,
    sha384: &'r str,
    sha512: &'r str,
    pub(super) xml: &'r [String],
    pub(super) warnings: &'r [Finding],
}

impl<'r> ReleaseJson<'r> {
    pub(super) fn new(result: &'static str, release: &'r ReleaseRecord) -> Self {
        Self {
            result,
            id: &release.id,
            version: &release.version,
            state: release.state.name(),
            extension: release.extension.to_string(),
            group: release.group.as_deref(),
            channel: release.channel.to_string(),
            file_name: &release.file_name,
            size: release.size,
            sha256: &release.checksums.sha256,
            sha384: &release.checksums.sha384,
            sha512: &release.checksums.sha512,
            xml: &[],
            warnings: &[],
        }
    }
}

/// Makes an answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut reply = Response::new((text + "\n").into());
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}
