//! Whether a password opens a stored hash, exactly as Joomla decides it.
//!
#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! One file a kind: `bcrypt`, `argon2`, `phpass`, `legacy` (MD5, `{SHA256}`), and for PHP's crypt
//! `md5_crypt`, `sha_crypt`, `des_crypt` upon `des`. `stored` recognises the kind, `decoy` wastes
//! time, `work` foresees it, `itoa64` encodes. The crate has no users, requests or settings.

mod argon2;
mod bcrypt;
mod decoy;
mod des;
mod des_crypt;
mod itoa64;
mod legacy;
mod md5_crypt;
mod phpass;
mod rules;
mod sha_crypt;
mod stored;
mod work;

use std::time::Duration;

pub use decoy::Decoy;
pub use rules::Rules;
use stored::Stored;

/// How costly a stored hash may be. A row that asks for more is not verified: one
/// hostile row must not stall a core.
///
/// Costs are foreseen from the hash's own parameters as CPU time on one core of a small
/// server, so a cap means the same on every machine but is only roughly its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caps {
    /// CPU time of one verification. Default: 2 seconds, which bcrypt reaches above cost
    /// 15, phpass above 2^23 rounds and `$6$` above four million.
    pub cpu: Duration,
    /// Memory of one verification (only Argon2 takes any), in KiB. Default: 262144, which
    /// is 256 MiB; PHP's own default is 64 MiB.
    pub memory_kib: u32,
    /// Length of the password, in bytes, for the kinds that hash all of it in every round
    /// (phpass and crypt's). Default: 4096, the longest password that Joomla lets a user set.
    pub repeated_password: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self { cpu: Duration::from_secs(2), memory_kib: 256 * 1024, repeated_password: 4096 }
    }
}

impl Caps {
    fn allow(&self, hash: &Stored<'_>, password: &[u8]) -> bool {
        let is_short = !hash.repeats_password() || password.len() <= self.repeated_password;
        is_short && hash.memory_kib() <= self.memory_kib && hash.work(password) <= self.cpu
    }
}

/// The result of a verification. Only [`Verdict::Right`] opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The password opens the hash.
    Right,
    /// It does not, or the stored text is no hash that any password opens.
    Wrong,
    /// The verification is beyond the caps or the memory there is, and was not made. To
    /// the user this is a wrong password; to the operator it is worth a warning.
    TooCostly,
}

/// Returns whether a login refuses this password before it looks at any hash.
///
/// These are the two that PHP holds to be empty, `""` and `"0"`; a hash of theirs never opens.
#[must_use]
pub fn is_refused_unseen(password: &[u8]) -> bool {
    matches!(password, b"" | b"0")
}

/// Checks whether a password opens the hash stored for a user, or `None` if no user was found, in a
/// time that does not reveal which.
///
/// If the stored text costs less than the decoy, as malformed and capped texts do, the difference
/// is spent on the decoy afterwards. No decoy can hide these: a hash that costs more than it, and
/// for the kinds that repeat the password in every round the time of very long passwords (lower
/// [`Caps::repeated_password`] to bound it). Between kinds the topping-up is only as exact as the
/// ratio of their speeds on this machine.
///
/// Password and hash are bytes, taken as they are: nothing is trimmed or decoded.
pub fn check(
    password: &[u8],
    stored: Option<&[u8]>,
    rules: Rules,
    caps: &Caps,
    decoy: &Decoy,
) -> Verdict {
    let hash = stored.and_then(|stored| Stored::recognise(stored, rules));
    let (verdict, spent) = open(hash.as_ref(), password, caps);
    decoy.spend_after(password, spent);
    verdict
}

/// Checks whether a password opens a stored hash: `UserHelper::verifyPassword` of that Joomla.
///
/// The time it takes reveals the kind of hash, so a login calls [`check`]. Secrets are compared in
/// constant time. A NUL byte ends the password for bcrypt and the other kinds of crypt and is an
/// ordinary byte for the rest, as in PHP.
pub fn verify(password: &[u8], stored: &[u8], rules: Rules, caps: &Caps) -> Verdict {
    open(Stored::recognise(stored, rules).as_ref(), password, caps).0
}

/// The kind of a stored hash, for people; `None` for a text that no password opens.
#[must_use]
pub fn kind(stored: &[u8], rules: Rules) -> Option<&'static str> {
    Stored::recognise(stored, rules).map(|hash| hash.kind())
}

/// The verdict, and the expected CPU time it took.
fn open(hash: Option<&Stored<'_>>, password: &[u8], caps: &Caps) -> (Verdict, Duration) {
    let Some(hash) = hash else {
        return (Verdict::Wrong, Duration::ZERO);
    };
    if !caps.allow(hash, password) {
        return (Verdict::TooCostly, Duration::ZERO);
    }
    match hash.opens(password) {
        Ok(true) => (Verdict::Right, hash.work(password)),
        Ok(false) => (Verdict::Wrong, hash.work(password)),
        Err(argon2::OutOfMemory) => (Verdict::TooCostly, Duration::ZERO),
    }
}
