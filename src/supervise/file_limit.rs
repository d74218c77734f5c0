//! Decides the result of a write beyond the limit of a file's size (`ulimit -f`).
//!
//! Called by everything that keeps a file of its own.

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

/// Lets such a write fail. Without it the system ends the process with a signal.
pub fn let_too_large_writes_fail() {
    if let Err(error) = signal(SignalKind::from_raw(Signal::XFSZ.as_raw())) {
        tracing::debug!(%error, "SIGXFSZ cannot be listened to");
    }
}
