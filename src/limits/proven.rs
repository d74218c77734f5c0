//! License keys that were right lately: their owners are served whatever others at their address do.
//!
//! Only keyed hashes are kept, under a secret of this process. Being known here opens nothing: the
//! key is judged as any other.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys of a generation. There are two, of 8 bytes each key and some for the set around them.
const GENERATION: usize = 100_000;

/// The latest keys that were right.
#[derive(Default)]
pub struct Proven {
    hasher: RandomState,
    sets: Mutex<Generations>,
}

/// When the present one is full it becomes the former one, and that is forgotten.
#[derive(Default)]
struct Generations {
    present: HashSet<u64>,
    former: HashSet<u64>,
}

impl Proven {
    /// It was right.
    pub fn add(&self, proof: &impl Hash) {
        let hash = self.hasher.hash_one(proof);
        let mut sets = self.lock();
        if sets.present.len() >= GENERATION {
            sets.former = mem::take(&mut sets.present);
        }
        sets.present.insert(hash);
    }

    /// It is right no longer.
    pub fn forget(&self, proof: &impl Hash) {
        let hash = self.hasher.hash_one(proof);
        let mut sets = self.lock();
        sets.present.remove(&hash);
        sets.former.remove(&hash);
    }

    /// Was it right lately?
    #[must_use]
    pub fn knows(&self, proof: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(proof);
        let sets = self.lock();
        sets.present.contains(&hash) || sets.former.contains(&hash)
    }

    /// Keys that are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        let sets = self.lock();
        sets.present.len() + sets.former.len()
    }

    /// Is none remembered?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
