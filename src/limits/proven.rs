//! License keys that were right lately: their owners are served even if others at their address
//! fail.
//!
//! Only keyed hashes are kept, under a secret of this process. An entry here grants nothing: the
//! key is checked like any other. An account has few places, so a customer who writes their right
//! key in many ways only displaces entries of their own.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::mem;

use parking_lot::Mutex;

/// Most keys of a half. There are two halves, and a key uses about 50 bytes with the maps.
const HALF: usize = 100_000;

/// Most keys of an account in a half: those of some package groups, sent in two or three ways.
pub const OF_ACCOUNT: usize = 16;

/// The data that a license key is tried with, without blanks around the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof<'a> {
    /// E-mail and key.
    Email {
        /// The e-mail, as sent.
        email: &'a [u8],
        /// The key.
        key: &'a [u8],
    },
    /// A one-field key.
    Account {
        /// The id of the account that it names.
        id: i64,
        /// The key.
        key: &'a [u8],
    },
}

/// The latest keys that were right.
#[derive(Default)]
pub struct Proven {
    hasher: RandomState,
    sets: Mutex<ProvenHalves>,
}

/// When the present half is full, it becomes the former one, and the former one is forgotten.
#[derive(Default)]
struct ProvenHalves {
    present: ProvenHalf,
    former: ProvenHalf,
}

#[derive(Default)]
struct ProvenHalf {
    /// The account behind each hash.
    keys: HashMap<u64, i64>,
    /// The hashes of each account, oldest first.
    accounts: HashMap<i64, VecDeque<u64>>,
}

impl ProvenHalf {
    fn add(&mut self, hash: u64, account: i64) {
        if self.keys.contains_key(&hash) {
            return;
        }
        let hashes = self.accounts.entry(account).or_default();
        if hashes.len() >= OF_ACCOUNT
            && let Some(oldest) = hashes.pop_front()
        {
            self.keys.remove(&oldest);
        }
        hashes.push_back(hash);
        self.keys.insert(hash, account);
    }

    fn forget(&mut self, hash: u64) {
        let Some(account) = self.keys.remove(&hash) else { return };
        if let Some(hashes) = self.accounts.get_mut(&account) {
            hashes.retain(|other| *other != hash);
            if hashes.is_empty() {
                self.accounts.remove(&account);
            }
        }
    }
}

impl Proven {
    /// Remembers a right key of the account with this id.
    pub fn add(&self, proof: Proof<'_>, account: i64) {
        let hash = self.hash(proof);
        let mut sets = self.sets.lock();
        if sets.present.keys.len() >= HALF {
            sets.former = mem::take(&mut sets.present);
        }
        sets.present.add(hash, account);
    }

    /// Forgets a key: it is not right any more.
    pub fn forget(&self, proof: Proof<'_>) {
        let hash = self.hash(proof);
        let mut sets = self.sets.lock();
        sets.present.forget(hash);
        sets.former.forget(hash);
    }

    /// Returns whether the key was right lately.
    #[must_use]
    pub fn knows(&self, proof: Proof<'_>) -> bool {
        let hash = self.hash(proof);
        let sets = self.sets.lock();
        sets.present.keys.contains_key(&hash) || sets.former.keys.contains_key(&hash)
    }

    /// Returns how many keys are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let sets = self.sets.lock();
        sets.present.keys.len() + sets.former.keys.len()
    }

    /// Returns whether no key is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn hash(&self, proof: impl Hash) -> u64 {
        self.hasher.hash_one(proof)
    }
}
