//! The bytes of an upload on their way to the disk: places for uploads at the same time, room on the
//! disk, and the writing itself, off the threads that answer.
//!
//! `http` brings a body and gets a whole copy. A few chunks of the body are in memory at a time: the
//! client is not read while the disk is slow. Must not import: `http`, `ledger`.

use std::collections::HashMap;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use parking_lot::Mutex;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, timeout_at};

use crate::packages::private_copies::{PrivateCopies, WholeCopy};
use crate::supervise::blocking;

/// Uploads at the same time, of all tokens and of one.
const MOST: usize = 8;
const MOST_OF_A_TOKEN: usize = 2;

/// The slowest rate of a whole upload, in bytes a second.
const SLOWEST: u64 = 64 * 1024;

/// The room that must stay free on the disk beyond an upload: so many bytes, or this part of it.
const RESERVE: u64 = 100 * 1024 * 1024;
const RESERVED_PART: u64 = 20;

/// Chunks that wait for the disk.
const WAITING: usize = 4;

/// The places of uploads. They are of the process.
#[derive(Debug, Default)]
pub struct UploadPlaces(Mutex<HashMap<i64, TokenUploads>>);

/// The uploads of a token under way.
#[derive(Debug, Default)]
struct TokenUploads {
    count: usize,
    bytes: u64,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// The token has as many uploads under way as it may have.
    Token,
    /// All tokens together have.
    All,
}

/// The place of an upload; it is free again when this is dropped.
#[derive(Debug)]
pub struct UploadPlace {
    places: Arc<UploadPlaces>,
    token: i64,
    bytes: u64,
    /// The bytes of all uploads under way, this one included.
    under_way: u64,
}

impl UploadPlaces {
    /// Takes a place for an upload of so many bytes.
    ///
    /// # Errors
    /// All places are taken.
    pub fn take(self: &Arc<Self>, token: i64, bytes: u64) -> Result<UploadPlace, NoPlace> {
        let mut tokens = self.0.lock();
        let (all, all_bytes) = tokens
            .values()
            .fold((0, 0_u64), |(all, sum), one| (all + one.count, sum.saturating_add(one.bytes)));
        if tokens.get(&token).is_some_and(|own| own.count >= MOST_OF_A_TOKEN) {
            return Err(NoPlace::Token);
        }
        if all >= MOST {
            return Err(NoPlace::All);
        }
        let own = tokens.entry(token).or_default();
        own.count += 1;
        own.bytes = own.bytes.saturating_add(bytes);
        let under_way = all_bytes.saturating_add(bytes);
        Ok(UploadPlace { places: Arc::clone(self), token, bytes, under_way })
    }
}

impl UploadPlace {
    /// Whether the disk has room for the uploads under way, and for the reserve. Blocks.
    ///
    /// # Errors
    /// The system's, if the folder cannot be made or looked at.
    pub fn has_room(&self, copies: &PrivateCopies) -> io::Result<bool> {
        let reserve = RESERVE.max(self.bytes / RESERVED_PART);
        Ok(copies.free_bytes()? >= self.under_way.saturating_add(reserve))
    }
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut tokens = self.places.0.lock();
        let Some(own) = tokens.get_mut(&self.token) else { return };
        own.count = own.count.saturating_sub(1);
        own.bytes = own.bytes.saturating_sub(self.bytes);
        if own.count == 0 {
            tokens.remove(&self.token);
        }
    }
}

/// Why a body did not become a copy. No trace of it is left.
#[derive(Debug)]
pub enum ReceiveError {
    /// The client disconnected before the end.
    Broken,
    /// The client sent nothing for too long, or took too long for the whole body.
    TooSlow,
    /// The system could not write it.
    Storage(io::Error),
    /// The service is shutting down.
    Stopping,
}

/// A piece of a body on its way to the disk.
enum Piece {
    Bytes(Bytes),
    End,
}

/// Writes a body of a known length into a private copy. The client may be silent for `silence`; for
/// the whole body it has a time that grows with its length.
///
/// # Errors
/// [`ReceiveError`]; nothing is left of the body then. The same holds if the future is dropped.
pub async fn receive<E>(
    copies: &PrivateCopies,
    body: impl Stream<Item = Result<Bytes, E>>,
    length: u64,
    silence: Duration,
) -> Result<WholeCopy, ReceiveError> {
    let (pieces, written) = channel(WAITING);
    let copies = copies.clone();
    let writing = blocking(move || write(&copies, written));
    let end = Instant::now() + silence + Duration::from_secs(length / SLOWEST);
    // It owns the sender: the writer waits for pieces until that goes.
    let reading = async move {
        let mut body = pin!(body);
        loop {
            let next = timeout_at(end.min(Instant::now() + silence), body.next());
            let piece = match next.await.map_err(|_| ReceiveError::TooSlow)? {
                Some(Ok(bytes)) => Piece::Bytes(bytes),
                Some(Err(_)) => return Err(ReceiveError::Broken),
                None => Piece::End,
            };
            let is_end = matches!(piece, Piece::End);
            // A writer that has failed takes no more, and says why.
            if pieces.send(piece).await.is_err() || is_end {
                return Ok(());
            }
        }
    };
    let (read, copy) = tokio::join!(reading, writing);
    read?;
    let copy = copy.map_err(|_| ReceiveError::Stopping)?;
    copy.map_err(ReceiveError::Storage)?.ok_or(ReceiveError::Broken)
}

/// Writes pieces until the last one; `None` if they break off. Blocks.
fn write(copies: &PrivateCopies, mut pieces: Receiver<Piece>) -> io::Result<Option<WholeCopy>> {
    let mut copy = copies.begin()?;
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => copy.write(&bytes)?,
            Some(Piece::End) => return copy.finish().map(Some),
            None => return Ok(None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Arc;

    use super::{NoPlace, UploadPlaces};

    #[test]
    fn a_token_has_two_places_and_all_have_eight() {
        let places = Arc::<UploadPlaces>::default();
        let mut taken: Vec<_> =
            (0..4).flat_map(|token| [token, token]).map(|token| places.take(token, 10)).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert_eq!(places.take(0, 10).unwrap_err(), NoPlace::Token);
        assert_eq!(places.take(9, 10).unwrap_err(), NoPlace::All);
        taken.pop();
        let next = places.take(9, 30).unwrap();
        assert_eq!(next.under_way, 7 * 10 + 30);
    }
}
