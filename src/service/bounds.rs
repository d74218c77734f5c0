//! How much may wait, and for how long.

use std::time::Duration;

/// Mails that may wait to be sent after the answer.
pub(super) const MAILS_WAITING: u32 = 64;

/// Time for mails and trace rows after the last answer.
pub const AFTERWARDS: Duration = Duration::from_secs(10);

/// Time a package may take to open.
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(10);
