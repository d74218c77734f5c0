//! Counts how much an address holds at a time: connections, or requests under way behind trusted
//! proxies.
//!
//! Filled by `places` for connections and by `front` for requests. Must not import: `supervise`,
//! `listener`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::limits::ClientAddress;

/// How much each address holds, and the limit.
#[derive(Debug)]
pub struct Shares {
    limit: AtomicUsize,
    held: Mutex<HashMap<ClientAddress, usize>>,
}

/// Has no limit until one is set.
impl Default for Shares {
    fn default() -> Self {
        Self { limit: AtomicUsize::new(usize::MAX), held: Mutex::default() }
    }
}

impl Shares {
    /// Sets how much an address may hold.
    pub fn limit_to(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// Takes one for an address, until it is dropped; `None` if the address has used up its share.
    pub(in crate::http) fn take(self: &Arc<Self>, address: ClientAddress) -> Option<AddressShare> {
        let mut held = self.held.lock();
        let count = held.get(&address).copied().unwrap_or_default();
        if count >= self.limit.load(Ordering::Relaxed) {
            return None;
        }
        held.insert(address, count + 1);
        Some(AddressShare { shares: Arc::clone(self), address })
    }
}

/// One of an address's share.
#[derive(Debug)]
pub(in crate::http) struct AddressShare {
    shares: Arc<Shares>,
    address: ClientAddress,
}

impl AddressShare {
    /// Returns the address that holds it.
    pub(in crate::http) fn address(&self) -> ClientAddress {
        self.address
    }
}

impl Drop for AddressShare {
    fn drop(&mut self) {
        let mut held = self.shares.held.lock();
        match held.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                held.remove(&self.address);
            }
        }
    }
}
