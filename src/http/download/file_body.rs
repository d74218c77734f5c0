//! The body of a download: a file that is read chunk by chunk, as fast as the client reads.
//!
//! Made by `http::download`. Must not import: `warp`.
//!
//! Bytes in the page cache are read on the worker itself (`preadv2` with `RWF_NOWAIT`), without a
//! change of thread. Other bytes cost one read on the blocking pool, after which the kernel's
//! read-ahead keeps the cache filled. No thread belongs to a download. A body that is dropped frees
//! file and memory at once; if a disk read is under way, they are free at its end.

use std::{
    future::Future,
    io::{self, IoSliceMut},
    ops::Range,
    os::unix::fs::FileExt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use rustix::io::{Errno, ReadWriteFlags};
use thiserror::Error;

use super::budget::{Budget, Chunk, DownloadShare};
use crate::packages::PackageFile;

/// A stream of exactly the bytes of a range, or an error before its end.
///
/// An error closes the connection, so that the client sees that the download is incomplete. After
/// the status line there is no other way to tell it.
pub struct FileBody {
    file: Arc<PackageFile>,
    rest: Range<u64>,
    share: DownloadShare,
    state: ReadState,
    nowait: bool,
}

/// Why a download ended early. The connection's error carries it to the log.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// The promised length and entity tag no longer hold.
    #[error(
        "package file `{0}` was written to while it was sent, so the download was cut off: upload under another name and rename"
    )]
    Changed(String),
    /// The file system failed.
    #[error("package file `{name}` could not be read to its end: check the storage")]
    Read {
        /// The file's name.
        name: String,
        /// The system's error.
        source: io::Error,
    },
}

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send + Sync>>;

enum ReadState {
    Ready,
    /// The budget is used up and the reserve is not yet sent.
    Waiting(Pending<()>),
    /// A disk read on the blocking pool.
    Reading(Pending<Result<Chunk, DownloadError>>),
    Ended,
}

impl FileBody {
    /// Sends the bytes `range` of the file; the range must lie within the file's length.
    #[must_use]
    pub fn new(file: PackageFile, range: Range<u64>, budget: &Arc<Budget>) -> Self {
        Self {
            file: Arc::new(file),
            rest: range,
            share: DownloadShare::of(budget),
            state: ReadState::Ready,
            nowait: true,
        }
    }

    /// Begins the next chunk: returns one that is ready, or sets a new state to poll.
    fn begin(&mut self) -> Result<Option<Chunk>, DownloadError> {
        let wanted = self.rest.end.saturating_sub(self.rest.start);
        if wanted == 0 {
            self.state = ReadState::Ended;
            return Ok(None);
        }
        let Some(mut chunk) = self.share.try_chunk(wanted) else {
            self.state = ReadState::Waiting(Box::pin(self.share.reserve_free()));
            return Ok(None);
        };
        if self.read_cached(&mut chunk, wanted)? {
            return Ok(Some(chunk));
        }
        self.state = ReadState::Reading(Box::pin(read_from_disk(
            Arc::clone(&self.file),
            chunk,
            self.rest.clone(),
            Arc::clone(self.share.budget()),
        )));
        Ok(None)
    }

    /// Fills the chunk from the page cache; `false` if the disk is needed.
    fn read_cached(&mut self, chunk: &mut Chunk, wanted: u64) -> Result<bool, DownloadError> {
        if !self.nowait {
            return Ok(false);
        }
        let read = rustix::io::preadv2(
            self.file.file(),
            &mut [IoSliceMut::new(at_most(chunk.buffer(), wanted))],
            self.rest.start,
            ReadWriteFlags::NOWAIT,
        );
        match read {
            // Some kernels return 0 before the end of the file; only a blocking read is certain.
            Ok(0) | Err(Errno::AGAIN | Errno::INTR) => Ok(false),
            Ok(read) => {
                chunk.set_filled(read);
                still_the_same(&self.file)?;
                Ok(true)
            }
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::PERM) => {
                self.nowait = false;
                Ok(false)
            }
            Err(errno) => Err(failed(&self.file, errno.into())),
        }
    }

    fn deliver(&mut self, chunk: Chunk) -> Bytes {
        self.state = ReadState::Ready;
        let bytes = Bytes::from_owner(chunk);
        let sent = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.rest.start = self.rest.start.saturating_add(sent);
        bytes
    }
}

impl Stream for FileBody {
    type Item = Result<Bytes, DownloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            let step = match &mut this.state {
                ReadState::Ready => this.begin(),
                ReadState::Waiting(reserve) => {
                    ready!(reserve.as_mut().poll(cx));
                    this.state = ReadState::Ready;
                    Ok(None)
                }
                ReadState::Reading(read) => ready!(read.as_mut().poll(cx)).map(Some),
                ReadState::Ended => return Poll::Ready(None),
            };
            match step {
                Ok(Some(chunk)) => return Poll::Ready(Some(Ok(this.deliver(chunk)))),
                Ok(None) => {}
                Err(error) => {
                    this.state = ReadState::Ended;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

/// Reads once on the blocking pool, until the chunk is full or the range ends.
async fn read_from_disk(
    file: Arc<PackageFile>,
    mut chunk: Chunk,
    rest: Range<u64>,
    budget: Arc<Budget>,
) -> Result<Chunk, DownloadError> {
    let permit = budget.blocking_read().await;
    let reading = Arc::clone(&file);
    let read = tokio::task::spawn_blocking(move || {
        // Hold the permit in here, so that a read counts even after its download was dropped.
        let _permit = permit;
        let wanted = rest.end.saturating_sub(rest.start);
        let buffer = at_most(chunk.buffer(), wanted);
        let filled = buffer.len();
        match reading.file().read_exact_at(buffer, rest.start) {
            Ok(()) => chunk.set_filled(filled),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(DownloadError::Changed(reading.name().to_owned()));
            }
            Err(error) => return Err(failed(&reading, error)),
        }
        still_the_same(&reading)?;
        Ok(chunk)
    });
    read.await.unwrap_or_else(|stopped| Err(failed(&file, io::Error::other(stopped))))
}

/// Checks the file after each read, so that no byte of another content is sent under the entity
/// tag. It does not see a file that is overwritten in place with the same length and gets its old
/// date back. The change time would show that, but it also changes when a package is only renamed.
fn still_the_same(file: &PackageFile) -> Result<(), DownloadError> {
    match file.unchanged() {
        Ok(true) => Ok(()),
        Ok(false) => Err(DownloadError::Changed(file.name().to_owned())),
        Err(error) => Err(failed(file, error)),
    }
}

fn failed(file: &PackageFile, source: io::Error) -> DownloadError {
    DownloadError::Read { name: file.name().to_owned(), source }
}

fn at_most(buffer: &mut [u8], wanted: u64) -> &mut [u8] {
    let len = usize::try_from(wanted).map_or(buffer.len(), |wanted| wanted.min(buffer.len()));
    buffer.get_mut(..len).unwrap_or_default()
}
