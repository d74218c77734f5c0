//! Argon2id and Argon2i in the text form of the reference library, which PHP uses.
//!
//! Called by [`super::stored`] and by [`super::decoy`]. Must not import: `Caps`.

use std::time::Duration;

use ::argon2::{Algorithm, Argon2 as Hasher, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use subtle::ConstantTimeEq;

use super::work;

/// A parsed Argon2 hash.
pub(super) struct Argon2 {
    cost: Cost,
    version: Version,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// What a verification takes: the variant with memory, passes and lanes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cost {
    algorithm: Algorithm,
    params: Params,
}

/// The memory for the verification could not be had.
#[derive(Debug)]
pub(super) struct OutOfMemory;

impl Argon2 {
    /// Reads a whole stored text, as strictly as the reference library: parameters in
    /// the order `m`, `t`, `p`, numbers without leading zeros, base 64 without padding.
    ///
    /// A missing `v=` means version 16, so it never opens what version 19 made. Text
    /// after a NUL is not seen, which is the library's way too.
    pub(super) fn parse(stored: &[u8]) -> Option<Self> {
        let text = stored.split(|&byte| byte == 0).next()?;
        let text = str::from_utf8(text).ok()?;
        let (algorithm, rest) = match text.strip_prefix("$argon2id$") {
            Some(rest) => (Algorithm::Argon2id, rest),
            None => (Algorithm::Argon2i, text.strip_prefix("$argon2i$")?),
        };
        let (version, rest) = match rest.strip_prefix("v=") {
            Some(rest) => {
                let (version, rest) = rest.split_once('$')?;
                (Version::try_from(number(version)?).ok()?, rest)
            }
            None => (Version::V0x10, rest),
        };
        let (memory, rest) = rest.strip_prefix("m=")?.split_once(",t=")?;
        let (passes, rest) = rest.split_once(",p=")?;
        let (lanes, rest) = rest.split_once('$')?;
        let (salt, digest) = rest.split_once('$')?;
        let digest = STANDARD_NO_PAD.decode(digest).ok()?;
        let params =
            Params::new(number(memory)?, number(passes)?, number(lanes)?, Some(digest.len()))
                .ok()?;
        let salt = STANDARD_NO_PAD.decode(salt).ok()?;
        (salt.len() >= 8).then_some(Self {
            cost: Cost { algorithm, params },
            version,
            salt,
            digest,
        })
    }

    /// What the verification takes.
    pub(super) fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Whether the password opens this hash. NUL bytes count like any other.
    ///
    /// # Errors
    /// When the system has not enough memory for the parameters.
    pub(super) fn opens(&self, password: &[u8]) -> Result<bool, OutOfMemory> {
        let Cost { algorithm, params } = &self.cost;
        let hasher = Hasher::new(*algorithm, self.version, params.clone());
        let mut digest = vec![0; self.digest.len()];
        match hasher.hash_password_into(password, &self.salt, &mut digest) {
            Ok(()) => Ok(digest.ct_eq(&self.digest).into()),
            Err(::argon2::Error::OutOfMemory) => Err(OutOfMemory),
            Err(_) => Ok(false),
        }
    }
}

impl Cost {
    /// The memory it fills, in KiB.
    pub(super) fn memory_kib(&self) -> u32 {
        self.params.m_cost()
    }

    /// The expected CPU time; the password's length hardly changes it.
    pub(super) fn work(&self) -> Duration {
        work::times(self.pass(), self.params.t_cost().into())
    }

    /// Spends, for nothing, the whole passes that are nearest to this time.
    pub(super) fn burn(&self, password: &[u8], time: Duration) {
        let passes = self.passes_in(time);
        let (memory, lanes) = (self.params.m_cost(), self.params.p_cost());
        // Zero passes are no valid parameters: then nothing is left to spend.
        if let Ok(params) = Params::new(memory, passes, lanes, None) {
            let mut digest = [0; Params::DEFAULT_OUTPUT_LEN];
            let outcome = Hasher::new(self.algorithm, Version::V0x13, params).hash_password_into(
                password,
                b"a decoy salt ...",
                &mut digest,
            );
            std::hint::black_box((outcome.is_ok(), digest));
        }
    }

    /// How many passes come nearest to this time.
    fn passes_in(&self, time: Duration) -> u32 {
        let pass = self.pass().as_nanos().max(1);
        u32::try_from((time.as_nanos() + pass / 2) / pass).unwrap_or(u32::MAX)
    }

    /// The expected CPU time of one pass over the memory.
    fn pass(&self) -> Duration {
        work::times(work::ARGON2_KIB, self.params.m_cost().into())
    }
}

/// A decimal number as the reference library reads it: digits only, no leading zero.
fn number(text: &str) -> Option<u32> {
    let is_canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| is_canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_passes_left_are_the_nearest_whole_number() {
        let cost = Cost { algorithm: Algorithm::Argon2id, params: Params::DEFAULT };
        assert_eq!(cost.passes_in(cost.work()), Params::DEFAULT_T_COST);
        assert_eq!(cost.passes_in(cost.pass() * 8 / 3), 3);
        assert_eq!(cost.passes_in(cost.pass() * 7 / 3), 2);
        assert_eq!(cost.passes_in(cost.pass() / 3), 0);
    }
}
