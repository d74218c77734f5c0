//! Form bodies: which are read, how much of them is kept, and when a request is refused.
//!
//! `docs/protocol.md`, "Bodies": only POST, and only the two kinds of forms; the first 64 KiB of
//! fields are kept; above 8 MiB the request goes on without its body, as PHP does; above 16 MiB it
//! is refused.

mod bounds;
mod chunks;
mod json;
mod memory;
mod multipart;
mod parameters;
mod raw;

use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use php_compat::query::{self, Fields};

pub use self::bounds::BodyError;
use self::bounds::REFUSED_PAST;
pub(crate) use self::bounds::{IGNORED_PAST, KEPT};
use self::chunks::Chunks;
pub use self::memory::{Memory, Part};
pub use self::raw::RawBody;
pub(super) use self::raw::raw;
use crate::limits::ClientAddress;

/// The longest boundary of a multipart form: RFC 2046 allows 70 bytes.
const LONGEST_BOUNDARY: usize = 256;

/// Time to wait for bytes that are in memory already.
const AT_HAND: Duration = Duration::from_secs(1);

/// The limits of bodies.
#[derive(Debug, Clone)]
pub struct Bodies {
    /// The memory that all bodies share.
    pub memory: Memory,
    /// How long a client may be silent, and a body may wait for memory. A whole body may take
    /// [`WHOLE`] times as long.
    pub silence: Duration,
    /// JSON bodies are read like forms, as jBackend 3 does.
    pub json: bool,
}

/// The time for a whole body, in multiples of the silence: a client that sends a byte now and then
/// is never silent.
pub const WHOLE: u32 = 3;

/// The fields of a body. Their memory is counted until they are dropped.
#[derive(Debug, Default)]
pub struct FormFields {
    /// The fields.
    pub fields: Fields,
    /// Their part of the memory.
    pub memory: Option<Part>,
}

/// A kind of body that is read.
pub(crate) enum BodyForm {
    UrlEncoded,
    Multipart(Vec<u8>),
    Json,
}

impl BodyForm {
    /// Reads the complete fields in the first bytes of a form. `whole`: these bytes are the whole
    /// form.
    pub(crate) async fn fields_of(&self, start: Vec<Bytes>, whole: bool) -> Fields {
        let start = stream::iter(start.into_iter().map(Ok::<_, BodyError>));
        self.fields(&mut Chunks::new(start, AT_HAND, AT_HAND), whole).await
    }

    async fn fields(&self, chunks: &mut Chunks, whole: bool) -> Fields {
        match self {
            Self::UrlEncoded => url_encoded(chunks).await,
            Self::Multipart(boundary) => multipart::fields(chunks, boundary, whole).await,
            Self::Json => json::fields(chunks).await,
        }
    }
}

impl Bodies {
    /// Reads the fields of a form body; any other body has none and is not read. The memory counts
    /// for the address, if there is one.
    ///
    /// # Errors
    /// See [`BodyError`].
    pub async fn fields<S, B, E>(
        &self,
        verb: &Method,
        headers: &HeaderMap,
        address: Option<ClientAddress>,
        body: S,
    ) -> Result<FormFields, BodyError>
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Buf + Send + 'static,
        E: Send + 'static,
    {
        let Some(form) = self.form(verb, headers) else { return Ok(FormFields::default()) };
        let announced = announced(headers);
        // On the heap: most requests have no such body, and would still carry the room for it.
        let read = async move {
            if announced.is_some_and(|length| length > REFUSED_PAST) {
                return Err(BodyError::TooLarge);
            }
            let memory = self.memory.part(address);
            let whole = self.silence.saturating_mul(WHOLE);
            let mut chunks = Chunks::new(body, self.silence, whole).taking(memory);
            let fields = form.fields(&mut chunks, true).await;
            // A form that breaks off keeps its complete fields. The rest still counts for the
            // length, and if it stayed unread it would be taken for the next request.
            let (total, memory) = chunks.skip_rest().await?;
            let ignored = total > IGNORED_PAST;
            Ok(FormFields { fields: if ignored { Fields::default() } else { fields }, memory })
        };
        Box::pin(read).await
    }
}

/// Reads the length that the client announces; it does not count beside a `Transfer-Encoding`.
pub(crate) fn announced(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Bodies {
    /// Finds the kind of a body; `None` if bodies like it are not read.
    pub(crate) fn form(&self, verb: &Method, headers: &HeaderMap) -> Option<BodyForm> {
        if verb != Method::POST {
            return None;
        }
        let kind = headers.get(CONTENT_TYPE)?.as_bytes();
        let media = kind.split(|byte| b";, ".contains(byte)).next().unwrap_or_default();
        if media.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            return Some(BodyForm::UrlEncoded);
        }
        if self.json && media.eq_ignore_ascii_case(b"application/json") {
            return Some(BodyForm::Json);
        }
        if !media.eq_ignore_ascii_case(b"multipart/form-data") {
            return None;
        }
        let boundary = parameters::boundary(kind)?;
        (boundary.len() <= LONGEST_BOUNDARY).then_some(BodyForm::Multipart(boundary))
    }
}

async fn url_encoded(chunks: &mut Chunks) -> Fields {
    let mut kept = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        // One more byte than is kept shows whether the last field is complete.
        let room = (KEPT + 1).saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
    if kept.len() > KEPT {
        let complete = kept.iter().rposition(|&byte| byte == b'&').unwrap_or(0);
        kept.truncate(complete);
    }
    query::parse(&kept)
}
