//! Converts numbers of the configuration into the types of the parts.
//!
//! Called by the parts of the plan.

use std::time::Duration;

use crate::config::problem::Problem;

/// Converts seconds; at least one.
pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count.max(1))
}

/// Converts a count; a count that is too large becomes the largest.
pub(super) fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Converts the number of a TCP port.
pub(super) fn port(key: &str, port: u64) -> Result<u16, Problem> {
    u16::try_from(port)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| Problem::new(key, format_args!("{port} is no TCP port"), "use 1 to 65535"))
}
