//! License keys that were right lately: their owners are served whatever others at their address do.
//!
//! Only keyed hashes are kept, under a secret of this process. Being known here opens nothing: the
//! key is judged as any other. An account has few places, so that a customer who writes their own
//! right key in many ways pushes out nothing but what is theirs.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::mem;

use parking_lot::Mutex;

/// Keys of a half. There are two, and a key takes some 50 bytes with the maps around it.
const HALF: usize = 100_000;

/// Keys of an account in a half: those of some package groups, sent in two or three ways.
pub const OF_ACCOUNT: usize = 16;

/// What a license key is tried with, without the blanks around the key.
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

/// When the present one is full it becomes the former one, and that is forgotten.
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
    /// It was right, for the account with this id.
    pub fn add(&self, proof: Proof<'_>, account: i64) {
        let hash = self.hash(proof);
        let mut sets = self.sets.lock();
        if sets.present.keys.len() >= HALF {
            sets.former = mem::take(&mut sets.present);
        }
        sets.present.add(hash, account);
    }

    /// It is right no longer.
    pub fn forget(&self, proof: Proof<'_>) {
        let hash = self.hash(proof);
        let mut sets = self.sets.lock();
        sets.present.forget(hash);
        sets.former.forget(hash);
    }

    /// Was it right lately?
    #[must_use]
    pub fn knows(&self, proof: Proof<'_>) -> bool {
        let hash = self.hash(proof);
        let sets = self.sets.lock();
        sets.present.keys.contains_key(&hash) || sets.former.keys.contains_key(&hash)
    }

    /// Keys that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let sets = self.sets.lock();
        sets.present.keys.len() + sets.former.keys.len()
    }

    /// Is none remembered?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn hash(&self, proof: impl Hash) -> u64 {
        self.hasher.hash_one(proof)
    }
}
