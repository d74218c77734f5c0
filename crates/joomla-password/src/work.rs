//! The cost of a verification: CPU time estimated only from the parameters.
//!
//! Called by every kind of hash, for the caps and for the decoy. The constants were measured on one
//! core of a small server (`benches/passwords.rs` measures them again); only their ratios matter
//! for the decoy and only their magnitude for the caps.

use std::time::Duration;

/// One round of bcrypt, of which a cost of `c` makes `2^c`.
pub(super) const BCRYPT_ROUND: Duration = Duration::from_nanos(46_900);

/// One KiB of Argon2 memory filled once.
pub(super) const ARGON2_KIB: Duration = Duration::from_nanos(610);

/// One DES encryption of crypt's DES kinds.
pub(super) const DES: Duration = Duration::from_nanos(300);

/// A digest function: its block in bytes and the CPU time of a block.
#[derive(Clone, Copy)]
pub(super) struct Function {
    block: usize,
    time: Duration,
}

/// MD5.
pub(super) const MD5: Function = Function { block: 64, time: Duration::from_nanos(120) };

/// SHA-256.
pub(super) const SHA256: Function = Function { block: 64, time: Duration::from_nanos(100) };

/// SHA-512.
pub(super) const SHA512: Function = Function { block: 128, time: Duration::from_nanos(450) };

/// `rounds` digests of about `fixed` bytes and the password each.
pub(super) fn digests(
    function: Function,
    rounds: u32,
    fixed: usize,
    password_len: usize,
) -> Duration {
    // A digest's own padding takes nine bytes or seventeen.
    let bytes = fixed.saturating_add(password_len).saturating_add(9);
    times(function.time, u64::from(rounds).saturating_mul(bytes.div_ceil(function.block) as u64))
}

/// Returns `count` times a duration, or the longest duration if it does not fit.
pub(super) fn times(duration: Duration, count: u64) -> Duration {
    u32::try_from(count).map_or_else(
        |_| {
            let nanos = duration.as_nanos().saturating_mul(u128::from(count));
            u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
        },
        |count| duration.saturating_mul(count),
    )
}
