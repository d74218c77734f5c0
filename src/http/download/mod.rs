//! Answers a request with a package file.
//!
//! `http::reply` calls [`respond`] with the file that the download method has opened. The right to
//! it has been checked before; this room only sends it, by the rules of `docs/release.md`,
//! "Download", and RFC 9110. Must not import: `release`, `site`, `methods`.

pub mod budget;
pub mod conditional;
pub mod file_body;
pub mod headers;
pub mod offload;
pub mod range;

use std::{ops::Range, sync::Arc, time::SystemTime};

use http::{HeaderMap, Method, StatusCode};

use self::{
    budget::Budget,
    conditional::{ConditionResult, Validators},
    file_body::FileBody,
    range::Selection,
};
use crate::http::response::{AnswerBody, Response};
use crate::packages::PackageFile;

/// Answers with the file, or as the client's conditions and ranges require: 200, 206, 304, 412 or
/// 416.
///
/// `method` and `headers` are those of the request. Ranges count for GET, conditions for GET and
/// HEAD (RFC 9110 section 14.2). Every other HTTP method downloads the whole file with 200: the
/// protocol lets a client POST its e-mail and key, and RFC 9110 defines neither ranges nor a 304
/// for that. Without `Range` the answer to a GET is never 206, which Joomla takes for an error. The
/// answers without a file have no body; 416 tells the length in `Content-Range`.
#[must_use]
pub fn respond(
    file: PackageFile,
    method: &Method,
    headers: &HeaderMap,
    budget: &Arc<Budget>,
) -> Response {
    let validators = Validators::new(&file.version(), file.modified(), SystemTime::now());
    match decide(method, headers, &validators, file.len()) {
        DownloadAnswer::Whole => {
            let whole = 0..file.len();
            with_content(StatusCode::OK, file, whole, method, &validators, budget)
        }
        DownloadAnswer::Part(part) => {
            let len = file.len();
            let status = StatusCode::PARTIAL_CONTENT;
            let mut response =
                with_content(status, file, part.clone(), method, &validators, budget);
            headers::describe_part(response.headers_mut(), &part, len);
            response
        }
        DownloadAnswer::Unsatisfiable => {
            let mut response = without_content(StatusCode::RANGE_NOT_SATISFIABLE, &validators);
            headers::describe_length(response.headers_mut(), file.len());
            response
        }
        DownloadAnswer::NotModified => without_content(StatusCode::NOT_MODIFIED, &validators),
        DownloadAnswer::Failed => without_content(StatusCode::PRECONDITION_FAILED, &validators),
    }
}

enum DownloadAnswer {
    Whole,
    Part(Range<u64>),
    Unsatisfiable,
    NotModified,
    Failed,
}

fn decide(
    method: &Method,
    headers: &HeaderMap,
    validators: &Validators,
    len: u64,
) -> DownloadAnswer {
    if *method != Method::GET && *method != Method::HEAD {
        return DownloadAnswer::Whole;
    }
    match conditional::judge(headers, validators) {
        ConditionResult::Failed => return DownloadAnswer::Failed,
        ConditionResult::NotModified => return DownloadAnswer::NotModified,
        ConditionResult::Proceed => {}
    }
    if *method == Method::HEAD || !conditional::range_applies(headers, validators) {
        return DownloadAnswer::Whole;
    }
    match range::select(headers, len) {
        Selection::Whole => DownloadAnswer::Whole,
        Selection::Part(part) => DownloadAnswer::Part(part),
        Selection::Unsatisfiable => DownloadAnswer::Unsatisfiable,
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "status, file and part of one answer, with the request's own terms"
)]
fn with_content(
    status: StatusCode,
    file: PackageFile,
    bytes: Range<u64>,
    method: &Method,
    validators: &Validators,
    budget: &Arc<Budget>,
) -> Response {
    let mut fields = HeaderMap::new();
    headers::describe_version(&mut fields, validators);
    let length = bytes.end.saturating_sub(bytes.start);
    headers::describe_content(&mut fields, file.name(), length);
    let mut response = if *method == Method::HEAD || length == 0 {
        Response::default()
    } else {
        Response::new(AnswerBody::stream(FileBody::new(file, bytes, budget)))
    };
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}

fn without_content(status: StatusCode, validators: &Validators) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    headers::describe_version(response.headers_mut(), validators);
    response
}
