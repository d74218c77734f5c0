//! Work for nothing, so that a login takes as long for an unknown user as for a known one.
//!
//! Called by [`super::check`].

use std::time::Duration;

use super::{Caps, Rules, argon2, bcrypt, stored::Stored, work};

/// A verification as costly as that of the site's usual stored hash, whose result nobody
/// reads.
///
/// It must be as costly as the site's costliest rows ([`Decoy::raised_to`]): a row that
/// costs less is topped up to the decoy's time by [`super::check`], a row that costs more
/// shows itself by taking longer. The default is bcrypt with cost 10, which Joomla writes up to PHP 8.3; from
/// PHP 8.4 on it is cost 12.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoy(DecoyKind);

#[derive(Clone, Debug, PartialEq)]
enum DecoyKind {
    Bcrypt { cost: u32 },
    Argon2(argon2::Cost),
}

impl Default for Decoy {
    fn default() -> Self {
        Self::bcrypt(10)
    }
}

impl Decoy {
    /// bcrypt with this cost, the binary logarithm of its rounds; it is taken into
    /// 4..=31.
    #[must_use]
    pub fn bcrypt(cost: u32) -> Self {
        Self(DecoyKind::Bcrypt { cost: cost.clamp(4, 31) })
    }

    /// A decoy as costly as verifying against this stored hash.
    ///
    /// `None` when the sample is neither bcrypt nor Argon2, is malformed, or is beyond
    /// the caps: such a hash is no measure for a site. Nothing of the sample is kept but
    /// its kind and parameters.
    #[must_use]
    pub fn like(sample: &[u8], caps: &Caps) -> Option<Self> {
        let hash = Stored::recognise(sample, Rules::Joomla4)?;
        if !caps.allow(&hash, &[]) {
            return None;
        }
        match hash {
            Stored::Bcrypt(hash) => Some(Self::bcrypt(hash.cost())),
            Stored::Argon2(hash) => Some(Self(DecoyKind::Argon2(hash.cost().clone()))),
            _ => None,
        }
    }

    /// The costlier one of this decoy and what [`Decoy::like`] makes of a stored hash;
    /// `None` where this one is costly enough.
    #[must_use]
    pub fn raised_to(&self, sample: &[u8], caps: &Caps) -> Option<Self> {
        Self::like(sample, caps).filter(|other| other.work() > self.work())
    }

    fn work(&self) -> Duration {
        match &self.0 {
            DecoyKind::Bcrypt { cost } => bcrypt::work(*cost),
            DecoyKind::Argon2(cost) => cost.work(),
        }
    }

    /// Spends the whole time: the answer to a user that does not exist.
    pub fn spend(&self, password: &[u8]) {
        self.spend_after(password, Duration::ZERO);
    }

    /// Spends what is left after a verification of this expected time.
    pub(super) fn spend_after(&self, password: &[u8], spent: Duration) {
        match &self.0 {
            DecoyKind::Bcrypt { cost } => {
                for cost in costs_left(*cost, spent) {
                    bcrypt::burn(password, cost);
                }
            }
            DecoyKind::Argon2(cost) => cost.burn(password, cost.work().saturating_sub(spent)),
        }
    }
}

/// The costs that together take what is left of this cost's time: of `2^d` rounds,
/// `2^c` leave those of the costs `c` to `d - 1`, once each.
fn costs_left(cost: u32, spent: Duration) -> impl Iterator<Item = u32> {
    let left = bcrypt::work(cost).saturating_sub(spent);
    let rounds = left.as_nanos() / work::BCRYPT_ROUND.as_nanos();
    (0..=31).filter(move |cost| rounds >> cost & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheaper_bcrypt_is_topped_up_to_the_same_rounds() {
        for row in 4..=12 {
            let topped_up: u64 = costs_left(12, bcrypt::work(row)).map(|cost| 1 << cost).sum();
            assert_eq!(topped_up + (1 << row), 1 << 12, "row of cost {row}");
        }
    }

    #[test]
    fn without_a_hash_everything_is_left_and_after_a_dearer_one_nothing() {
        assert_eq!(costs_left(10, Duration::ZERO).collect::<Vec<_>>(), [10]);
        assert_eq!(costs_left(10, bcrypt::work(11)).count(), 0);
        assert_eq!(costs_left(10, Duration::MAX).count(), 0);
    }
}
