//! From the `[limits]` section to the limits in force. A reload leaves those alone whose numbers are
//! the same: nobody gets a new budget by it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::lasting::Kept;
use crate::config::sections::Limits as Section;
use crate::limits::buckets::{Buckets, Rate};
use crate::limits::proven::Proven;
use crate::limits::{Limits, Refusals};
use crate::web::metrics::Metrics;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The limits of the configuration before.
pub(super) struct LastingLimits {
    address_failures: KeptBuckets,
    login_failures: KeptBuckets,
    mail_requests: KeptBuckets,
    mails: KeptBuckets,
    proven: Arc<Proven>,
    refusals: Refusals,
}

type KeptBuckets = Kept<Option<Rate>, Option<Arc<Buckets>>>;

impl LastingLimits {
    pub(super) fn new(metrics: &Metrics) -> Self {
        Self {
            address_failures: Kept::default(),
            login_failures: Kept::default(),
            mail_requests: Kept::default(),
            mails: Kept::default(),
            proven: Arc::default(),
            refusals: Refusals::new(|limit| metrics.limit_refusals(limit)),
        }
    }

    /// The limits of this configuration, which are kept once they are settled.
    pub(super) fn limits(&self, config: &Section) -> Limits {
        let of = |kept: &KeptBuckets, tokens, per, burst| {
            kept.stage(rate(tokens, per, burst), |_| {
                rate(tokens, per, burst).map(|rate| Arc::new(Buckets::new(rate)))
            })
        };
        let Section {
            address_failures,
            address_failures_burst,
            login_failures,
            login_failures_burst,
            mail_requests,
            mail_requests_burst,
            mails,
            mails_burst,
        } = *config;
        Limits {
            address_failures: of(
                &self.address_failures,
                address_failures,
                MINUTE,
                address_failures_burst,
            ),
            login_failures: of(&self.login_failures, login_failures, HOUR, login_failures_burst),
            mail_requests: of(&self.mail_requests, mail_requests, HOUR, mail_requests_burst),
            mails: of(&self.mails, mails, HOUR, mails_burst),
            proven: Arc::clone(&self.proven),
            refusals: self.refusals.clone(),
        }
    }

    /// The configuration is in force.
    pub(super) fn settle(&self) {
        for kept in [&self.address_failures, &self.login_failures, &self.mail_requests, &self.mails]
        {
            kept.settle();
        }
    }
}

/// `None` for a limit that is off.
fn rate(tokens: u64, per: Duration, burst: u64) -> Option<Rate> {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let tokens = NonZeroU32::new(count(tokens))?;
    let burst = NonZeroU32::new(count(burst))?;
    Some(Rate { tokens, per, burst })
}
