//! The body of a request as bytes, before the end-point or the site reads it.

use std::pin::Pin;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};

use super::bounds::BodyError;

/// A request's body on its way through.
pub type RawBody = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// Turns a stream of a body into a stream of bytes.
pub(in crate::http) fn raw<S, B, E>(body: S) -> RawBody
where
    S: Stream<Item = Result<B, E>> + Send + 'static,
    B: Buf,
    E: 'static,
{
    Box::pin(body.map(|chunk| match chunk {
        Ok(mut chunk) => Ok(chunk.copy_to_bytes(chunk.remaining())),
        Err(_) => Err(BodyError::Broken),
    }))
}
