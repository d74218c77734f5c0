//! An answer with its body, before the filter hands it to warp.
//!
//! Made by everything that answers; `filter` makes warp's answer of it. Must not import: `warp`.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use hyper::body::{Body, Frame, SizeHint};

/// An answer.
pub type Response = http::Response<AnswerBody>;

/// The bytes of a body that is sent as they come.
pub(super) type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send + Sync>>;

/// The body of an answer.
pub enum AnswerBody {
    /// All of it.
    Whole(Bytes),
    /// A stream of unknown length.
    Stream(ByteStream),
}

impl AnswerBody {
    /// Sends a stream. An error closes the connection, and the log tells it.
    pub fn stream<E>(stream: impl Stream<Item = Result<Bytes, E>> + Send + Sync + 'static) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        Self::Stream(Box::pin(stream.map_err(io::Error::other)))
    }
}

impl Default for AnswerBody {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl<T: Into<Bytes>> From<T> for AnswerBody {
    fn from(whole: T) -> Self {
        Self::Whole(whole.into())
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(stream) => stream
                .as_mut()
                .poll_next(context)
                .map(|next| next.map(|next| next.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}
