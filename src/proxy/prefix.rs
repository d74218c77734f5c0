//! Reads the start of a form body to decide who answers the request. No byte of it is lost.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use php_compat::query::Fields;
use tokio::time::{Instant, timeout_at};

use crate::http::body::{self, Bodies, BodyError, Part, RawBody};
use crate::limits::ClientAddress;

/// A body whose start has been read.
pub(super) struct Looked {
    /// The fields that are complete in the start.
    pub(super) fields: Fields,
    start: Vec<Bytes>,
    memory: Option<Part>,
    rest: RawBody,
}

impl Looked {
    /// Wraps a body of which no start has been read.
    pub(super) fn unread(body: RawBody) -> Self {
        Self { fields: Fields::default(), start: Vec::new(), memory: None, rest: body }
    }

    /// Returns the whole body. The bridge reads it, and counts its memory anew.
    pub(super) fn into_whole(self) -> RawBody {
        Box::pin(stream::iter(self.start.into_iter().map(Ok)).chain(self.rest))
    }

    /// Returns the whole body, to be sent on. The memory of its start counts until that is sent.
    pub(super) fn into_counted(self) -> RawBody {
        let memory = self.memory;
        let start = stream::iter(self.start).map(move |chunk| {
            let _ = &memory;
            Ok(chunk)
        });
        Box::pin(start.chain(self.rest))
    }
}

/// Reads as much of a form as may decide: its first 64 KiB. Other bodies are not read.
///
/// # Errors
/// The client breaks off or falls silent meanwhile, or there is no memory left.
pub(super) async fn look(
    verb: &Method,
    headers: &HeaderMap,
    mut rest: RawBody,
    bodies: &Bodies,
    address: Option<ClientAddress>,
) -> Result<Looked, BodyError> {
    let announced = body::announced(headers);
    // PHP leaves out the fields of a body that is too long.
    let is_ignored = announced.is_some_and(|length| length > body::IGNORED_PAST);
    let Some(form) = bodies.form(verb, headers).filter(|_| !is_ignored) else {
        return Ok(Looked::unread(rest));
    };
    let mut memory = bodies.memory.part(address);
    let mut start: Vec<Bytes> = Vec::new();
    let mut length = 0;
    let deadline = Instant::now() + bodies.silence.saturating_mul(body::WHOLE);
    // One more byte than is kept shows that there is more.
    while length <= body::KEPT {
        let limit = deadline.min(Instant::now() + bodies.silence);
        let next = timeout_at(limit, rest.next()).await.map_err(|_| BodyError::TooSlow)?;
        let Some(chunk) = next.transpose()? else { break };
        length += chunk.len();
        memory.grow(length as u64, bodies.silence).await?;
        start.push(chunk);
    }
    let fields = form.fields_of(start.clone(), length <= body::KEPT).await;
    Ok(Looked { fields, start, memory: Some(memory), rest })
}
