//! Numbers by chance that come again with the same seed, for samples.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::store::Ids;

/// `SplitMix64`: good enough to spread a sample, and no secret.
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall alike for one seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        mixed.checked_rem(end).unwrap_or(0)
    }

    /// An id of a range.
    pub fn within(&mut self, ids: Ids) -> i64 {
        let number = u64::try_from(ids.last.saturating_sub(ids.first)).unwrap_or(0);
        let above = self.below(number.saturating_add(1));
        ids.first.saturating_add(i64::try_from(above).unwrap_or(0))
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.below(items.len() as u64);
        items.get(usize::try_from(index).unwrap_or(0))
    }
}

/// Returns a random seed; short, so that it can be typed again.
#[must_use]
pub fn seed() -> u64 {
    RandomState::new().hash_one(()) % 1_000_000
}
