//! The bytes of a body as they arrive: counted, with deadlines, and with the memory they take.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::bounds::{BodyError, REFUSED_PAST};
use super::memory::Part;

type ChunkStream = Pin<Box<dyn Stream<Item = Result<Bytes, BodyError>> + Send>>;

/// A body under way.
pub(super) struct Chunks {
    source: ChunkStream,
    silence: Duration,
    deadline: Instant,
    total: u64,
    failed: Option<BodyError>,
    ended: bool,
    memory: Option<Part>,
}

impl Chunks {
    /// Reads a body whose client may be silent for `silence`, and that may take `whole` in all.
    pub(super) fn new<S, B, E>(body: S, silence: Duration, whole: Duration) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Buf + Send + 'static,
        E: Send + 'static,
    {
        let source = body.map(|chunk| {
            let mut chunk = chunk.map_err(|_| BodyError::Broken)?;
            Ok(chunk.copy_to_bytes(chunk.remaining()))
        });
        let source = Box::pin(source);
        let deadline = Instant::now() + whole;
        Self { source, silence, deadline, total: 0, failed: None, ended: false, memory: None }
    }

    /// Counts the bytes that arrive in this part of the memory.
    pub(super) fn taking(mut self, memory: Part) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Reads the next bytes; `None` at the end. After an error it returns only that error.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        if let Some(error) = self.failed {
            return Some(Err(error));
        }
        if self.ended {
            return None;
        }
        let next = match self.read().await {
            Ok(Some(chunk)) => Ok(chunk),
            Ok(None) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        };
        Some(next)
    }

    async fn read(&mut self) -> Result<Option<Bytes>, BodyError> {
        let limit = self.deadline.min(Instant::now() + self.silence);
        let next = timeout_at(limit, self.source.next()).await;
        let Some(chunk) = next.map_err(|_| BodyError::TooSlow)?.transpose()? else {
            return Ok(None);
        };
        self.total = self.total.saturating_add(chunk.len() as u64);
        if self.total > REFUSED_PAST {
            return Err(BodyError::TooLarge);
        }
        if let Some(memory) = &mut self.memory {
            memory.grow(self.total, self.silence).await?;
        }
        Ok(Some(chunk))
    }

    /// Reads on to the end and drops the bytes. Returns the length of the whole body, and the
    /// memory that was taken for it.
    pub(super) async fn skip_rest(mut self) -> Result<(u64, Option<Part>), BodyError> {
        while let Some(chunk) = self.next().await {
            chunk?;
        }
        Ok((self.total, self.memory))
    }
}
