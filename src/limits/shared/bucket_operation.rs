//! What can be done to a bucket on the server, and how it refills.

use crate::limits::buckets::Rate;

/// What is done to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketOperation {
    /// Nothing: it is only looked at.
    Look,
    /// A token is taken where there is one.
    Take,
    /// A token is taken, also from an empty bucket.
    Charge,
    /// A token that was taken is put back.
    GiveBack,
}

impl BucketOperation {
    /// As the script knows it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Take => "take",
            Self::Charge => "charge",
            Self::GiveBack => "give_back",
        }
    }
}

/// How a bucket refills, in microseconds: whole numbers of them are exact in the server's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time in which a token comes back.
    pub interval: u64,
    /// Time a full bucket stands for, but for one token.
    pub tolerance: u64,
}

impl Pace {
    /// No bucket stays empty for longer, in microseconds: 10,000 tokens that were asked for at the same
    /// time and were not there, and one more.
    #[must_use]
    pub fn longest_wait(self) -> u64 {
        self.interval.saturating_mul(10_001)
    }
}

impl From<Rate> for Pace {
    fn from(rate: Rate) -> Self {
        let interval = (rate.per.as_nanos() / u128::from(rate.tokens.get())).div_ceil(1000).max(1);
        let interval = u64::try_from(interval).unwrap_or(u64::MAX);
        // Beyond it the server's numbers have gaps: some hundred years.
        let most = 1 << 52;
        let tolerance = interval.saturating_mul(u64::from(rate.burst.get()) - 1).min(most);
        Self { interval: interval.min(most), tolerance }
    }
}
