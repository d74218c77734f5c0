//! Token buckets by key, in bounded memory.
//!
//! `governor` keeps the accounts (GCRA: of each bucket only the time at which it is full again); the
//! store is our own, since failures are known after the work they end: a bucket is looked at before
//! and charged after it, or gives a token before and has it back after it.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

/// How fast a bucket refills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back.
    pub tokens: NonZeroU32,
    /// In this time.
    pub per: Duration,
    /// Tokens of a full bucket.
    pub burst: NonZeroU32,
}

impl Rate {
    fn quota(self) -> Quota {
        let interval = (self.per / self.tokens.get()).max(Duration::from_nanos(1));
        // The time a full bucket stands for is counted in nanoseconds of 64 bits.
        let most = u128::from(u64::MAX / 2) / interval.as_nanos();
        let most = u32::try_from(most).ok().and_then(NonZeroU32::new);
        let burst = most.map_or(self.burst, |most| self.burst.min(most));
        let quota = Quota::with_period(interval);
        quota.unwrap_or_else(|| Quota::per_second(self.tokens)).allow_burst(burst)
    }
}

/// Buckets that hold less than a full one, at most, each of 16 bytes and some for the map around it.
pub const MOST: usize = 100_000;

/// A bucket for each key. Keys that were never charged, or are full again, take no memory.
pub struct Buckets<C: Clock = DefaultClock> {
    limiter: RateLimiter<BucketStep, Store, C, NoOpMiddleware<C::Instant>>,
    hasher: RandomState,
}

impl Buckets {
    /// Full buckets, by the clock of the machine.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_clock(rate, MOST, DefaultClock::default())
    }
}

impl<C: Clock> Buckets<C> {
    /// Full buckets by another clock, at most `most` of them.
    pub fn with_clock(rate: Rate, most: usize, clock: C) -> Self {
        let quota = rate.quota();
        let store = Store {
            buckets: Mutex::default(),
            interval: quota.replenish_interval().into(),
            most: most.max(1),
        };
        Self { limiter: RateLimiter::new(quota, store, clock), hasher: RandomState::new() }
    }

    /// How long the key's bucket stays empty; `None` for one that is not. Takes nothing.
    pub fn wait(&self, key: &impl Hash) -> Option<Duration> {
        self.step(key, BucketKind::Look).err()
    }

    /// Takes a token where there is one.
    ///
    /// # Errors
    /// How long the bucket stays empty.
    pub fn take(&self, key: &impl Hash) -> Result<(), Duration> {
        self.step(key, BucketKind::Take)
    }

    /// Takes a token, also from an empty bucket, which then stays empty for longer: who sends many
    /// requests at the same time finds a token for each, and gains nothing by it in the end.
    pub fn charge(&self, key: &impl Hash) {
        let _ = self.step(key, BucketKind::Charge);
    }

    /// Puts back a token that was taken. A bucket that is full by now has no room for it.
    pub fn give_back(&self, key: &impl Hash) {
        let _ = self.step(key, BucketKind::GiveBack);
    }

    /// Forgets buckets that are full again.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    /// Buckets that take memory.
    #[must_use]
    pub fn len(&self) -> usize {
        self.limiter.len()
    }

    /// Does none take memory?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limiter.is_empty()
    }

    fn step(&self, key: &impl Hash, kind: BucketKind) -> Result<(), Duration> {
        let step = BucketStep { bucket: self.hasher.hash_one(key), kind };
        let refusal = self.limiter.check_key(&step);
        refusal.map_err(|until| until.wait_time_from(self.limiter.clock().now()))
    }
}

/// What is done to a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct BucketStep {
    bucket: u64,
    kind: BucketKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum BucketKind {
    Look,
    Take,
    Charge,
    GiveBack,
}

/// When each bucket is full again. The keys are hashed under a secret of this process: nobody can
/// choose two that meet.
struct Store {
    buckets: Mutex<HashMap<u64, Nanos>>,
    /// In which a token comes back.
    interval: Nanos,
    most: usize,
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Nanos>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where there is no room, the eighth that is full again soonest goes. So a bucket can only be
    /// made to be forgotten by emptying all the others at least as far.
    fn make_room(&self, buckets: &mut HashMap<u64, Nanos>) {
        if buckets.len() < self.most {
            return;
        }
        let mut to_go = buckets.len() / 8 + 1;
        let mut times: Vec<Nanos> = buckets.values().copied().collect();
        let (_, &mut latest, _) = times.select_nth_unstable(to_go - 1);
        buckets.retain(|_, full_at| {
            let goes = to_go > 0 && *full_at <= latest;
            to_go -= usize::from(goes);
            !goes
        });
    }
}

impl StateStore for Store {
    type Key = BucketStep;

    fn measure_and_replace<T, F, E>(&self, step: &BucketStep, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut buckets = self.lock();
        let full_at = buckets.get(&step.bucket).copied();
        let decision = measure(full_at);
        let interval = self.interval.as_u64();
        // The next token of a bucket that is full makes it one that is full an interval from now.
        let is_full = |at: Nanos| {
            measure(None)
                .is_ok_and(|(_, next)| at.as_u64().saturating_add(interval) <= next.as_u64())
        };
        let next = match (&decision, step.kind) {
            (_, BucketKind::Look) | (Err(_), BucketKind::Take) => full_at,
            (Ok((_, next)), BucketKind::Take | BucketKind::Charge) => Some(*next),
            (Err(_), BucketKind::Charge) => {
                full_at.map(|full_at| full_at.as_u64().saturating_add(interval).into())
            }
            (_, BucketKind::GiveBack) => full_at
                .map(|full_at| full_at.as_u64().saturating_sub(interval).into())
                .filter(|next| !is_full(*next)),
        };
        match next {
            Some(next) if full_at.is_some() => buckets.insert(step.bucket, next),
            Some(next) => {
                self.make_room(&mut buckets);
                buckets.insert(step.bucket, next)
            }
            None => buckets.remove(&step.bucket),
        };
        decision.map(|(outcome, _)| outcome)
    }
}

impl ShrinkableKeyedStateStore<BucketStep> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, full_at| *full_at >= drop_below);
    }

    fn shrink_to_fit(&self) {
        let mut buckets = self.lock();
        let wanted = buckets.len() * 2;
        buckets.shrink_to(wanted);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}
