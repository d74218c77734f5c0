//! The start of a form body, read to find out whose request it is; nothing of it is lost.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::time::timeout;
use warp::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use warp::http::{HeaderMap, Method};

use super::RawBody;
use crate::php::query::Fields;
use crate::web::body::{self, BodyError};

/// The fields of a form as far as they are complete in its first 64 KiB, and the body from its
/// start. Other bodies are not read.
///
/// # Errors
/// A client that breaks off or falls silent meanwhile.
pub(super) async fn look(
    verb: &Method,
    headers: &HeaderMap,
    mut rest: RawBody,
    silence: Duration,
) -> Result<(Fields, RawBody), BodyError> {
    if !body::is_form(verb, headers) || is_ignored_by_php(headers) {
        return Ok((Fields::default(), rest));
    }
    let mut chunks: Vec<Bytes> = Vec::new();
    let mut length = 0;
    // One byte more than is kept tells that there is more.
    while length <= body::KEPT {
        match timeout(silence, rest.next()).await.map_err(|_| BodyError::TooSlow)? {
            None => break,
            Some(chunk) => {
                let chunk = chunk?;
                length += chunk.len();
                chunks.push(chunk);
            }
        }
    }
    let mut kind = HeaderMap::new();
    if let Some(value) = headers.get(CONTENT_TYPE) {
        kind.insert(CONTENT_TYPE, value.clone());
    }
    let seen: Vec<_> = chunks.iter().cloned().map(Ok::<_, BodyError>).collect();
    let fields = body::fields(verb, &kind, stream::iter(seen), silence).await?;
    let whole = stream::iter(chunks.into_iter().map(Ok)).chain(rest);
    Ok((fields, Box::pin(whole)))
}

/// PHP leaves out the fields of a body that is announced as too long.
fn is_ignored_by_php(headers: &HeaderMap) -> bool {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: u64| length > body::IGNORED_PAST)
}
