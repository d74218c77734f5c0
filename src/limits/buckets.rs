//! Token buckets by key, in bounded memory.
//!
//! Made by `service`, asked by [`Budget`](super::Budget). Failures are known after the work they end:
//! a bucket is looked at before and charged after it, or gives a token before and has it back after.
//! What a step does to a bucket is decided by [`super::gcra`].

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

pub use super::gcra::Rate;
use super::gcra::{BucketOperation, Pace};

/// Buckets that hold less than a full one, at most, each of 16 bytes and some for the map around it.
pub const MOST: usize = 100_000;

/// A bucket for each key. Keys that were never charged, or are full again, take no memory.
pub struct Buckets {
    /// When each is full again, in microseconds of the clock. The keys are hashed under a secret of
    /// this process, so that a client cannot choose two that meet.
    full_at: Mutex<HashMap<u64, u64>>,
    hasher: RandomState,
    pace: Pace,
    most: usize,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Buckets {
    /// Full buckets, by the clock of the machine.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let start = Instant::now();
        Self::with_clock(rate, MOST, move || start.elapsed())
    }

    /// Full buckets by another clock, at most `most` of them.
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

    /// How long the key's bucket stays empty; `None` for one that is not. Takes nothing.
    pub fn wait(&self, key: &impl Hash) -> Option<Duration> {
        self.step(key, BucketOperation::Look).err()
    }

    /// Takes a token if there is one.
    ///
    /// # Errors
    /// How long the bucket stays empty.
    pub fn take(&self, key: &impl Hash) -> Result<(), Duration> {
        self.step(key, BucketOperation::Take)
    }

    /// Takes a token, also from an empty bucket, which then stays empty for longer: who sends many
    /// requests at the same time finds a token for each, and gains nothing by it in the end.
    pub fn charge(&self, key: &impl Hash) {
        let _ = self.step(key, BucketOperation::Charge);
    }

    /// Puts back a token that was taken. A bucket that is full by now has no room for it.
    pub fn give_back(&self, key: &impl Hash) {
        let _ = self.step(key, BucketOperation::GiveBack);
    }

    /// Forgets buckets that are full again.
    pub fn tidy(&self) {
        let now = self.now();
        let mut buckets = self.full_at.lock();
        buckets.retain(|_, full_at| *full_at >= now);
        let wanted = buckets.len() * 2;
        buckets.shrink_to(wanted);
    }

    /// Buckets that take memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full_at.lock().len()
    }

    /// Does none take memory?
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

    /// Lets the eighth that is full again soonest go if there is no room. So a bucket can only be
    /// made to be forgotten by emptying all the others at least as far.
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
