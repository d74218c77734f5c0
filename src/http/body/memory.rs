//! The memory that all bodies share. It is taken as their bytes arrive, and an address has a share
//! of it.
//!
//! An announced length takes no memory: many clients could announce much, send little, and hold all
//! of it.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::bounds::{BodyError, KEPT};
use crate::limits::ClientAddress;

/// The memory if the operator does not set it.
const DEFAULT: usize = 64 * 1024 * 1024;

/// The unit of counting: most bodies are smaller.
const UNIT: usize = 1024;

/// The most bytes that a body of any length counts: those that are kept, and those being read.
const MOST: usize = KEPT + 64 * 1024;

/// An address may have one part in this many of the memory.
const SHARES: usize = 8;

/// The memory for the form bodies of all requests together.
#[derive(Debug, Clone)]
pub struct Memory {
    units: Arc<Semaphore>,
    total: usize,
    /// The units that each address with a body under way still has of its share.
    addresses: Arc<Mutex<HashMap<ClientAddress, Weak<Semaphore>>>>,
}

impl Memory {
    /// Makes a memory of that many bytes, rounded down to whole KiB, but at least one.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let total = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(total)), total, addresses: Arc::default() }
    }

    /// Counts the bytes that no body holds at the moment.
    #[must_use]
    pub fn free(&self) -> usize {
        self.units.available_permits().saturating_mul(UNIT)
    }

    /// Begins the part of a body of which no bytes have arrived yet.
    pub(crate) fn part(&self, address: Option<ClientAddress>) -> Part {
        let share = address.map(|address| BodyShare { address, units: self.share_of(address) });
        Part { memory: self.clone(), share, held: Vec::new(), units: 0 }
    }

    /// Finds an address's share. A share has room for at least one body of the largest size.
    fn share_of(&self, address: ClientAddress) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock();
        if let Some(known) = addresses.get(&address).and_then(Weak::upgrade) {
            return known;
        }
        let units = (self.total / SHARES).max(self.units_for(MOST));
        let share = Arc::new(Semaphore::new(units));
        addresses.insert(address, Arc::downgrade(&share));
        share
    }

    /// Converts bytes to units. Each byte counts twice: in the text, and in the fields that are
    /// made of it.
    fn units_for(&self, bytes: usize) -> usize {
        bytes.min(MOST).saturating_mul(2).div_ceil(UNIT).clamp(1, self.total)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(DEFAULT)
    }
}

/// The memory that one body holds.
#[derive(Debug)]
pub struct Part {
    memory: Memory,
    share: Option<BodyShare>,
    held: Vec<OwnedSemaphorePermit>,
    units: usize,
}

/// The rest of the share of the body's address.
#[derive(Debug)]
struct BodyShare {
    address: ClientAddress,
    units: Arc<Semaphore>,
}

impl Part {
    /// Takes more memory if a body of that many bytes needs more than it has. Waits for other
    /// bodies to give theirs back, first come, first served.
    pub(crate) async fn grow(&mut self, arrived: u64, patience: Duration) -> Result<(), BodyError> {
        let arrived = usize::try_from(arrived).unwrap_or(usize::MAX);
        let wanted = self.memory.units_for(arrived);
        let more = wanted.saturating_sub(self.units);
        if more == 0 {
            return Ok(());
        }
        let units = u32::try_from(more).map_err(|_| BodyError::Busy)?;
        let own = self.share.as_ref().map(|share| Arc::clone(&share.units));
        let all = Arc::clone(&self.memory.units);
        // The share comes first: a body that waits for its share holds up no body of another
        // address.
        let taking = async {
            let mut taken = Vec::with_capacity(2);
            for place in own.into_iter().chain([all]) {
                taken.push(place.acquire_many_owned(units).await.map_err(|_| BodyError::Busy)?);
            }
            Ok(taken)
        };
        let taken = timeout(patience, taking).await.map_err(|_| BodyError::Busy)??;
        for permit in taken {
            match self
                .held
                .iter_mut()
                .find(|held| Arc::ptr_eq(held.semaphore(), permit.semaphore()))
            {
                Some(held) => held.merge(permit),
                None => self.held.push(permit),
            }
        }
        self.units = wanted;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.held.clear();
        let Some(BodyShare { address, units }) = self.share.take() else { return };
        drop(units);
        let mut addresses = self.memory.addresses.lock();
        if addresses.get(&address).is_some_and(|share| share.strong_count() == 0) {
            addresses.remove(&address);
        }
    }
}
