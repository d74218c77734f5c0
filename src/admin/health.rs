//! The state of the service at one moment, as the operator's programs are told of it.
//!
//! `service` makes it of its parts each time one of them asks; [`super::ready`] judges it, and
//! [`super::metrics`] shows it. Must not import: `http`, `limits::budget`, `supervise`.

use std::sync::Arc;
use std::time::Duration;

use crate::limits::Limit;
use crate::methods::Load;
use crate::site::LiveSite;
use crate::store::PoolState;

/// The state of the service.
pub struct Health {
    /// The site: its database, settings and package folder.
    pub site: Arc<LiveSite>,
    /// How old the settings may be before the service no longer counts as ready.
    pub stale_after: Duration,
    /// The connections that write, if there are any.
    pub writer: Option<PoolState>,
    /// Mails that are sent after their request's answer.
    pub mails_waiting: usize,
    /// Addresses or accounts that have spent some of each limit.
    pub limit_entries: [(Limit, usize); 4],
    /// The limits should be shared, and their server does not answer.
    pub limits_unshared: bool,
    /// Password checks.
    pub logins: Load,
    /// Memory of downloads in use, and the most they may use, in bytes.
    pub download_memory: (usize, usize),
    /// Packages for the update XML.
    pub packages: PackageCounts,
}

/// Packages for the update XML.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackageCounts {
    /// They are listed.
    pub listed: usize,
    /// They are left out, because of a defect.
    pub left_out: usize,
    /// They have not been read yet.
    pub awaited: usize,
}
