//! When a refusal is sent that must not tell which accounts exist.
//!
//! Called by the methods under `privacy = "uniform"`, and for each refused download key (dlid). Measured
//! in `docs/security-timing.md`. Must not import: `store`, `license`.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Refusals leave at multiples of this time. It is long beside a look-up, so that a known account
/// and an unknown one are ready within the same step, and short beside the way through a network.
const STEP: Duration = Duration::from_millis(10);

/// The beginning of a request's work.
#[derive(Clone, Copy)]
pub(super) struct EvenTime(Instant);

impl EvenTime {
    /// Starts the clock, before the first look-up.
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Waits for the end of the step in which the work ended.
    pub(super) async fn wait(self) {
        let steps = self.0.elapsed().as_nanos() / STEP.as_nanos() + 1;
        // On the heap: requests that never wait should not carry a timer's room.
        Box::pin(sleep_until(self.0 + STEP * u32::try_from(steps).unwrap_or(u32::MAX))).await;
    }
}
