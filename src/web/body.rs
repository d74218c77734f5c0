//! Form bodies: which are read, how much of them is kept, and when a client is turned away.
//!
//! `docs/protocol.md`, "Bodies": only POST, only the two kinds of forms; the first 64 KiB of fields
//! are kept; past 8 MiB the request goes on without its body, as PHP does; past 16 MiB it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::time::timeout;
use warp::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use warp::http::{HeaderMap, Method};

use crate::php::query::{self, Fields};

/// Bytes of fields that are kept.
pub(super) const KEPT: usize = 64 * 1024;
/// Past this the body's fields are left out.
pub(super) const IGNORED_PAST: u64 = 8 * 1024 * 1024;
/// Past this the request is refused.
const REFUSED_PAST: u64 = 16 * 1024 * 1024;

/// Why a body ended the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// More than 16 MiB.
    TooLarge,
    /// The client fell silent.
    TooSlow,
    /// The client has gone, or broke the framing.
    Broken,
}

/// A kind of body that is read.
enum Form {
    UrlEncoded,
    Multipart(String),
}

/// Reads the fields of a form body; any other body has none and is not read.
///
/// # Errors
/// See [`BodyError`].
pub async fn fields<S, B, E>(
    verb: &Method,
    headers: &HeaderMap,
    body: S,
    silence: Duration,
) -> Result<Fields, BodyError>
where
    S: Stream<Item = Result<B, E>> + Send + 'static,
    B: Buf,
    E: 'static,
{
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: u64| length > REFUSED_PAST)
    {
        return Err(BodyError::TooLarge);
    }
    let Some(form) = form(verb, headers) else { return Ok(Fields::default()) };
    let total = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&total);
    let chunks = body.map(move |chunk| {
        let mut chunk = chunk.map_err(|_| BodyError::Broken)?;
        let chunk = chunk.copy_to_bytes(chunk.remaining());
        let before = counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        if before + chunk.len() as u64 > REFUSED_PAST {
            Err(BodyError::TooLarge)
        } else {
            Ok(chunk)
        }
    });
    let fields = match form {
        Form::UrlEncoded => url_encoded(chunks, silence).await?,
        Form::Multipart(boundary) => multipart(chunks, boundary, silence).await?,
    };
    let ignored = total.load(Ordering::Relaxed) > IGNORED_PAST;
    Ok(if ignored { Fields::default() } else { fields })
}

/// Is it a body that is read?
pub(super) fn is_form(verb: &Method, headers: &HeaderMap) -> bool {
    form(verb, headers).is_some()
}

fn form(verb: &Method, headers: &HeaderMap) -> Option<Form> {
    if verb != Method::POST {
        return None;
    }
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = kind.split([';', ',']).next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some(Form::UrlEncoded);
    }
    multer::parse_boundary(kind).ok().map(Form::Multipart)
}

async fn url_encoded<S>(chunks: S, silence: Duration) -> Result<Fields, BodyError>
where
    S: Stream<Item = Result<Bytes, BodyError>>,
{
    let mut chunks = std::pin::pin!(chunks);
    let mut kept = Vec::new();
    while let Some(chunk) = timeout(silence, chunks.next()).await.map_err(|_| BodyError::TooSlow)? {
        let chunk = chunk?;
        // One byte more than is kept tells whether the last field is complete.
        let room = (KEPT + 1).saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
    if kept.len() > KEPT {
        let complete = kept.iter().rposition(|&byte| byte == b'&').unwrap_or(0);
        kept.truncate(complete);
    }
    Ok(query::parse(&kept))
}

async fn multipart<S>(chunks: S, boundary: String, silence: Duration) -> Result<Fields, BodyError>
where
    S: Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
{
    let failure = Arc::new(std::sync::OnceLock::new());
    let seen = Arc::clone(&failure);
    let chunks = chunks.map(move |chunk| {
        chunk.map_err(|error| {
            let _ = seen.set(error);
            std::io::Error::other("the body ended")
        })
    });
    let mut parts = multer::Multipart::new(chunks, boundary);
    let mut fields = Fields::default();
    let mut room = KEPT;
    loop {
        let part = timeout(silence, parts.next_field()).await.map_err(|_| BodyError::TooSlow)?;
        let mut part = match part {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(fields),
            // A form that breaks off keeps the fields that were complete.
            Err(_) => return failure.get().map_or(Ok(fields), |error| Err(*error)),
        };
        // A part left unread is skipped while the next one is looked for.
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if part.file_name().is_some() || room == 0 {
            continue;
        }
        let mut value = Vec::new();
        let complete = loop {
            match timeout(silence, part.chunk()).await.map_err(|_| BodyError::TooSlow)? {
                Ok(None) => break true,
                Ok(Some(chunk)) if name.len() + value.len() + chunk.len() <= room => {
                    value.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => break false,
                Err(_) => return failure.get().map_or(Ok(fields), |error| Err(*error)),
            }
        };
        if complete {
            room -= name.len() + value.len();
            fields.insert(name.as_bytes(), value);
        } else {
            room = 0;
        }
    }
}
