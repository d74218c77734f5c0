//! Token buckets by key, in bounded memory.
//!
//! Made by `service`, called by [`Budget`](super::Budget). A failure is known only after the work.
//! So a bucket is checked before the work and charged after it, or a token is taken before and
//! given back after it. [`super::gcra`] computes each step of a bucket.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

pub use super::gcra::Rate;
use super::gcra::{BucketOperation, Pace};

/// Most buckets that are not full. Each has 16 bytes, and some for the map.
pub const MOST: usize = 100_000;

/// A bucket for each key. Keys that were never charged, or are full again, use no memory.
pub struct Buckets {
    /// The time at which each bucket is full again, in microseconds of the clock. The keys are
    /// hashes under a secret of this process, so a client cannot choose two keys with the same
    /// hash.
    full_at: Mutex<HashMap<u64, u64>>,
    hasher: RandomState,
    pace: Pace,
    most: usize,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Buckets {
    /// Makes full buckets with the clock of the machine.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let start = Instant::now();
        Self::with_clock(rate, MOST, move || start.elapsed())
    }

    /// Makes full buckets with another clock, at most `most` of them.
    pub fn with_clock(
        rate: Rate,
        most: usize,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self {
            full_at: Mutex::default(),
            hasher: RandomState::new(),
            pace: rate.into(),
            most: most.max(1),
            clock: Box::new(clock),
        }
    }

    /// Returns how long the key's bucket stays empty; `None` if it is not empty. Takes no token.
    pub fn wait(&self, key: &impl Hash) -> Option<Duration> {
        self.step(key, BucketOperation::Look).err()
    }

    /// Takes a token if there is one.
    ///
    /// # Errors
    /// The time for which the bucket stays empty.
    pub fn take(&self, key: &impl Hash) -> Result<(), Duration> {
        self.step(key, BucketOperation::Take)
    }

    /// Takes a token, even from an empty bucket, which then stays empty for longer. A client that
    /// sends many requests at the same time finds a token for each, but gains nothing by it in the
    /// end.
    pub fn charge(&self, key: &impl Hash) {
        let _ = self.step(key, BucketOperation::Charge);
    }

    /// Puts back a token that was taken. If the bucket is full by now, the token is dropped.
    pub fn give_back(&self, key: &impl Hash) {
        let _ = self.step(key, BucketOperation::GiveBack);
    }

    /// Removes buckets that are full again.
    pub fn tidy(&self) {
        let now = self.now();
        let mut buckets = self.full_at.lock();
        buckets.retain(|_, full_at| *full_at >= now);
        let wanted = buckets.len() * 2;
        buckets.shrink_to(wanted);
    }

    /// Returns how many buckets use memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full_at.lock().len()
    }

    /// Returns whether no bucket uses memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full_at.lock().is_empty()
    }

    fn step(&self, key: &impl Hash, operation: BucketOperation) -> Result<(), Duration> {
        let key = self.hasher.hash_one(key);
        let now = self.now();
        let mut buckets = self.full_at.lock();
        let full_at = buckets.get(&key).copied();
        let (next, wait) = self.pace.step(full_at, operation, now);
        if full_at.is_none() && next.is_some() {
            self.make_room(&mut buckets);
        }
        match next {
            Some(next) => buckets.insert(key, next),
            None => buckets.remove(&key),
        };
        if wait == 0 { Ok(()) } else { Err(Duration::from_micros(wait)) }
    }

    /// If there is no room, removes the eighth of the buckets that is full again soonest. So a
    /// client can only have a bucket removed by emptying all others at least as far.
    fn make_room(&self, buckets: &mut HashMap<u64, u64>) {
        if buckets.len() < self.most {
            return;
        }
        let mut to_go = buckets.len() / 8 + 1;
        let mut times: Vec<u64> = buckets.values().copied().collect();
        let (_, &mut latest, _) = times.select_nth_unstable(to_go - 1);
        buckets.retain(|_, full_at| {
            let goes = to_go > 0 && *full_at <= latest;
            to_go -= usize::from(goes);
            !goes
        });
    }

    fn now(&self) -> u64 {
        u64::try_from((self.clock)().as_micros()).unwrap_or(u64::MAX)
    }
}
