//! One step of a token bucket: GCRA, which keeps only the time at which a bucket is full again.
//!
//! `shared/bucket.lua` says the same in the same words; `tests/vectors/gcra.jsonl` holds for both.
//! Called by the local buckets; the shared ones hand [`Pace`] and [`BucketOperation`] to the script.
//! Reads no clock and keeps nothing.

use std::num::NonZeroU32;
use std::time::Duration;

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

/// What is done to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum BucketOperation {
    /// Nothing: it is only looked at.
    Look,
    /// A token is taken if there is one.
    Take,
    /// A token is taken, also from an empty bucket.
    Charge,
    /// A token that was taken is put back.
    GiveBack,
}

impl BucketOperation {
    /// As the script has it.
    pub(super) fn word(self) -> &'static str {
        self.into()
    }
}

/// How a bucket refills, in microseconds: whole numbers of them are exact in the script's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time in which a token comes back.
    pub interval: u64,
    /// Time a full bucket stands for, but for one token.
    pub tolerance: u64,
}

/// Tokens that can be charged to an empty bucket: requests at the same time bring no more.
const MOST_OWED: u64 = 10_000;

impl Pace {
    /// No bucket stays empty for longer, in microseconds: all tokens that can be owed, and one more.
    #[must_use]
    pub fn longest_wait(self) -> u64 {
        self.interval.saturating_mul(MOST_OWED + 1)
    }

    /// Does a step to a bucket that is full again at `full_at` (`None`: it is full). Returns the same
    /// for afterwards, and how long the bucket stays empty as it was before the step.
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
        // Beyond it the script's numbers have gaps: some hundred years.
        let most = 1 << 52;
        let tolerance = interval.saturating_mul(u64::from(rate.burst.get()) - 1).min(most);
        Self { interval: interval.min(most), tolerance }
    }
}
