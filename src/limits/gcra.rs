//! One step of a token bucket: GCRA, which keeps only the time at which a bucket is full again.
//!
//! `shared/bucket.lua` does the same with the same words; `tests/vectors/gcra.jsonl` is tested with
//! both. Called by the local buckets; the shared ones pass [`Pace`] and [`BucketOperation`] to the
//! script. Reads no clock and keeps no state.

use std::num::NonZeroU32;
use std::time::Duration;

/// The speed at which a bucket refills, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back in the time `per`.
    pub tokens: NonZeroU32,
    /// The time.
    pub per: Duration,
    /// Tokens of a full bucket.
    pub burst: NonZeroU32,
}

/// A step on a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum BucketOperation {
    /// Only looks at it.
    Look,
    /// Takes a token if there is one.
    Take,
    /// Takes a token, even from an empty bucket.
    Charge,
    /// Puts back a token that was taken.
    GiveBack,
}

impl BucketOperation {
    /// Returns the word for the script.
    pub(super) fn word(self) -> &'static str {
        self.into()
    }
}

/// The refill of a bucket, in microseconds: whole numbers of them are exact in the script's
/// arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time in which a token comes back.
    pub interval: u64,
    /// Time in which a bucket with one token becomes full.
    pub tolerance: u64,
}

/// Most tokens that can be charged to an empty bucket, for many requests at the same time.
const MOST_OWED: u64 = 10_000;

impl Pace {
    /// Returns the longest time a bucket can stay empty, in microseconds: the time for all tokens
    /// that can be owed, and one more.
    #[must_use]
    pub fn longest_wait(self) -> u64 {
        self.interval.saturating_mul(MOST_OWED + 1)
    }

    /// Does a step on a bucket that is full again at `full_at` (`None`: it is full). Returns the
    /// new `full_at`, and for how long the bucket would have stayed empty without the step.
    #[must_use]
    pub fn step(
        self,
        full_at: Option<u64>,
        operation: BucketOperation,
        now: u64,
    ) -> (Option<u64>, u64) {
        let Self { interval, tolerance } = self;
        let owed = interval.saturating_mul(MOST_OWED);
        let latest = now.saturating_add(tolerance).saturating_add(owed);
        let full_at = full_at.filter(|at| *at <= latest).unwrap_or(now).max(now);
        let wait = full_at.saturating_sub(tolerance).saturating_sub(now);
        let next = match operation {
            BucketOperation::Charge => full_at.saturating_add(interval).min(latest),
            BucketOperation::Take if wait == 0 => full_at.saturating_add(interval),
            BucketOperation::GiveBack => full_at.saturating_sub(interval).max(now),
            BucketOperation::Look | BucketOperation::Take => full_at,
        };
        (Some(next).filter(|next| *next != now), wait)
    }
}

impl From<Rate> for Pace {
    fn from(rate: Rate) -> Self {
        let interval = (rate.per.as_nanos() / u128::from(rate.tokens.get())).div_ceil(1000).max(1);
        let interval = u64::try_from(interval).unwrap_or(u64::MAX);
        // The script's numbers are exact only below this, some hundred years.
        let most = 1 << 52;
        let tolerance = interval.saturating_mul(u64::from(rate.burst.get()) - 1).min(most);
        Self { interval: interval.min(most), tolerance }
    }
}
