//! The memory that all running downloads share.
//!
//! `service` makes one [`Budget`] for the process, and each `file_body` takes its chunks from it.
//! Must not import: `packages`, `std::fs`, `tokio::net`.
//!
//! A chunk carries its part of the budget until its last byte has gone to the kernel. While more
//! than half of the budget is free, chunks are large; below that they are small. If the budget is
//! used up, each download still has one small chunk of its own. So clients that stopped reading can
//! slow the others down to small chunks, but never stop them. The memory for `n` downloads is at
//! most the budget + `n` × [`SMALL_CHUNK`] + 4 MiB of buffers kept for reuse. hyper holds these
//! same chunks. A connection adds its own buffer for heads (the accept loop's `max_buf_size`), and
//! the kernel its socket buffers.

use std::{future::Future, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes read at a time: 128 to 512 KiB are equally fast, 64 KiB and 1 MiB are slower.
pub const LARGE_CHUNK: usize = 256 * 1024;

/// Bytes read at a time when the budget is short. The budget is also counted in this unit.
pub const SMALL_CHUNK: usize = 16 * 1024;

/// The budget in bytes, if the operator does not set it.
pub const DEFAULT_BUDGET: usize = 64 * 1024 * 1024;

/// Bytes of buffers kept for reuse: neither the system nor the bridge needs to clear their pages
/// again.
const MOST_SPARE: usize = 4 * 1024 * 1024;

/// Sizes of buffers: from [`SMALL_CHUNK`] to [`LARGE_CHUNK`], each twice the one before.
const SIZES: usize = (LARGE_CHUNK / SMALL_CHUNK).ilog2() as usize + 1;

/// Disk reads that may block a thread at the same time. The rest of the threads can still open
/// files if a disk hangs.
const BLOCKING_READS: usize = 32;

/// The memory for the contents of all downloads together.
#[derive(Debug)]
pub struct Budget {
    units: Arc<Semaphore>,
    total: usize,
    spare: Mutex<Spare>,
    reads: Arc<Semaphore>,
}

impl Budget {
    /// Makes a budget of that many bytes, rounded down to whole [`SMALL_CHUNK`]s. Zero is valid:
    /// then each download has only the one small chunk of its own.
    #[must_use]
    pub fn new(bytes: usize) -> Arc<Self> {
        let total = (bytes / SMALL_CHUNK).min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            units: Arc::new(Semaphore::new(total)),
            total,
            spare: Mutex::default(),
            reads: Arc::new(Semaphore::new(BLOCKING_READS)),
        })
    }

    /// Returns the bytes that the chunks of all downloads may hold together, for metrics. Each
    /// download may hold another [`SMALL_CHUNK`].
    #[must_use]
    pub fn limit(&self) -> usize {
        self.total.saturating_mul(SMALL_CHUNK)
    }

    /// Returns the bytes of the budget that chunks hold at the moment, for metrics.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.total.saturating_sub(self.units.available_permits()).saturating_mul(SMALL_CHUNK)
    }

    /// Waits for one of the places for blocking reads. Does not return `None` while the budget
    /// lives.
    pub(super) fn blocking_read(
        &self,
    ) -> impl Future<Output = Option<OwnedSemaphorePermit>> + use<> {
        acquire(Arc::clone(&self.reads))
    }

    fn try_take(&self, units: usize) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(units).ok()?;
        Arc::clone(&self.units).try_acquire_many_owned(units).ok()
    }

    fn is_mostly_free(&self) -> bool {
        self.units.available_permits() > self.total / 2
    }
}

/// Buffers that wait for their next use, by size.
#[derive(Debug, Default)]
struct Spare {
    buffers: [Vec<Vec<u8>>; SIZES],
    bytes: usize,
}

impl Spare {
    fn take(&mut self, size: usize) -> Option<Vec<u8>> {
        let buffer = self.of(size)?.pop()?;
        self.bytes -= buffer.len();
        Some(buffer)
    }

    fn keep(&mut self, buffer: Vec<u8>) {
        let bytes = self.bytes + buffer.len();
        if bytes <= MOST_SPARE
            && let Some(buffers) = self.of(buffer.len())
        {
            buffers.push(buffer);
            self.bytes = bytes;
        }
    }

    fn of(&mut self, size: usize) -> Option<&mut Vec<Vec<u8>>> {
        self.buffers.get_mut((size / SMALL_CHUNK).checked_ilog2()? as usize)
    }
}

/// One download's access to the budget, and its reserve.
#[derive(Debug)]
pub(super) struct DownloadShare {
    budget: Arc<Budget>,
    reserve: Arc<Semaphore>,
}

impl DownloadShare {
    pub(super) fn of(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), reserve: Arc::new(Semaphore::new(1)) }
    }

    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Takes a chunk with room for up to `wanted` bytes; `None` if the budget is used up and the
    /// reserve is not yet sent.
    pub(super) fn try_chunk(&self, wanted: u64) -> Option<Chunk> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let large = wanted.clamp(SMALL_CHUNK, LARGE_CHUNK).next_power_of_two();
        if self.budget.is_mostly_free()
            && let Some(permit) = self.budget.try_take(large / SMALL_CHUNK)
        {
            return Some(Chunk::new(&self.budget, large, permit));
        }
        let permit = self
            .budget
            .try_take(1)
            .or_else(|| Arc::clone(&self.reserve).try_acquire_owned().ok())?;
        Some(Chunk::new(&self.budget, SMALL_CHUNK, permit))
    }

    /// Waits until the reserve has been sent; then [`DownloadShare::try_chunk`] succeeds.
    pub(super) fn reserve_free(&self) -> impl Future<Output = ()> + Send + Sync + 'static {
        let reserve = acquire(Arc::clone(&self.reserve));
        async move { drop(reserve.await) }
    }
}

async fn acquire(semaphore: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    semaphore.acquire_owned().await.ok()
}

/// A buffer and its part of the budget, which goes back when the buffer is dropped.
#[derive(Debug)]
pub(super) struct Chunk {
    buffer: Vec<u8>,
    filled: usize,
    budget: Arc<Budget>,
    _permit: OwnedSemaphorePermit,
}

impl Chunk {
    fn new(budget: &Arc<Budget>, size: usize, permit: OwnedSemaphorePermit) -> Self {
        let spare = budget.spare.lock().take(size);
        Self {
            buffer: spare.unwrap_or_else(|| vec![0; size]),
            filled: 0,
            budget: Arc::clone(budget),
            _permit: permit,
        }
    }

    /// Returns the whole buffer, to read into.
    pub(super) fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// Sets how many bytes at the start of the buffer are content.
    pub(super) fn set_filled(&mut self, filled: usize) {
        self.filled = filled;
    }
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.budget.spare.lock().keep(std::mem::take(&mut self.buffer));
    }
}
