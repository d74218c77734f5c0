//! The memory all bodies share: a body waits for its part before it is read.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{BodyError, KEPT};

/// The memory of a bridge whose operator does not say otherwise.
const DEFAULT: usize = 64 * 1024 * 1024;

/// The unit that is counted: most bodies are smaller.
const UNIT: usize = 1024;

/// What counts of a body of any length: what is kept, and what is being looked at.
const MOST: usize = KEPT + 64 * 1024;

/// The memory for the form bodies of all requests together.
#[derive(Debug, Clone)]
pub struct Memory {
    units: Arc<Semaphore>,
    total: usize,
}

impl Memory {
    /// That many bytes, rounded down to whole KiB, but at least one.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let total = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(total)), total }
    }

    /// Bytes that no body holds at the moment.
    #[must_use]
    pub fn free(&self) -> usize {
        self.units.available_permits().saturating_mul(UNIT)
    }

    /// Waits for the part of a body with the announced length, first come, first served.
    pub(in crate::web) async fn reserve(
        &self,
        announced: Option<u64>,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, BodyError> {
        let bytes = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(MOST);
        // Twice: the text, and the fields that are made of it.
        let units = bytes.min(MOST).saturating_mul(2).div_ceil(UNIT).clamp(1, self.total);
        let units = u32::try_from(units).map_err(|_| BodyError::Busy)?;
        match timeout(patience, Arc::clone(&self.units).acquire_many_owned(units)).await {
            Ok(Ok(part)) => Ok(part),
            Ok(Err(_)) | Err(_) => Err(BodyError::Busy),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(DEFAULT)
    }
}
