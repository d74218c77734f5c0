//! Limits on waiting: how many mails, and for how long.

use std::time::Duration;

/// Most mails that may wait to be sent after the answer.
pub(super) const MAILS_WAITING: u32 = 64;

/// Time for mails and trace rows after the last answer.
pub const AFTERWARDS: Duration = Duration::from_secs(10);

/// Longest time for opening a package file.
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(10);
