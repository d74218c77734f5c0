//! From the `[limits]` section to the limits in force. A reload leaves those alone whose numbers are
//! the same: nobody gets a new budget by it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::kept::Kept;
use super::shared_limits::{KeptSharing, Sharing, sharing};
use super::start_error::StartError;
use crate::config::Config;
use crate::http::metrics::Metrics;
use crate::limits::buckets::{Buckets, Rate};
use crate::limits::proven::Proven;
use crate::limits::shared::SharedBuckets;
use crate::limits::{Budget, Limit, Limits, Refusals};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The limits of the configuration before.
pub(super) struct ProcessLimits {
    address_failures: KeptBuckets,
    login_failures: KeptBuckets,
    mail_requests: KeptBuckets,
    mails: KeptBuckets,
    proven: Arc<Proven>,
    refusals: Refusals,
    sharing: KeptSharing,
}

type KeptBuckets = Kept<Option<Rate>, Option<Arc<Buckets>>>;

impl ProcessLimits {
    pub(super) fn new(metrics: &Metrics) -> Self {
        Self {
            address_failures: Kept::default(),
            login_failures: Kept::default(),
            mail_requests: Kept::default(),
            mails: Kept::default(),
            proven: Arc::default(),
            refusals: Refusals::new(|limit| metrics.limit_refusals(limit)),
            sharing: Kept::default(),
        }
    }

    /// The limits of this configuration, which are kept once they are settled.
    ///
    /// # Errors
    /// A server for shared ones that cannot be one.
    pub(super) fn limits(&self, config: &Config) -> Result<Limits, StartError> {
        let sharing = sharing(config, &self.sharing)?;
        let config = &config.limits;
        let of = |limit, kept: &KeptBuckets, rate: Option<Rate>| {
            let local = kept.stage(rate, |_| rate.map(|rate| Arc::new(Buckets::new(rate))))?;
            let shared = rate.zip(sharing.as_ref()).map(|(rate, Sharing { server, names })| {
                SharedBuckets::new(Arc::clone(server), Arc::clone(names), limit, rate)
            });
            Some(Budget::new(local, shared))
        };
        Ok(Limits {
            address_failures: of(
                Limit::AddressFailures,
                &self.address_failures,
                rate(config.address_failures, MINUTE, config.address_failures_burst),
            ),
            login_failures: of(
                Limit::LoginFailures,
                &self.login_failures,
                rate(config.login_failures, HOUR, config.login_failures_burst),
            ),
            mail_requests: of(
                Limit::MailRequests,
                &self.mail_requests,
                rate(config.mail_requests, HOUR, config.mail_requests_burst),
            ),
            mails: of(Limit::Mails, &self.mails, rate(config.mails, HOUR, config.mails_burst)),
            proven: Arc::clone(&self.proven),
            refusals: self.refusals.clone(),
            shared: sharing.as_ref().map(|sharing| Arc::clone(&sharing.server)),
        })
    }

    /// The configuration is in force.
    pub(super) fn settle(&self) {
        for kept in [&self.address_failures, &self.login_failures, &self.mail_requests, &self.mails]
        {
            kept.settle();
        }
        self.sharing.settle();
    }
}

/// `None` for a limit that is off.
fn rate(tokens: u64, per: Duration, burst: u64) -> Option<Rate> {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let tokens = NonZeroU32::new(count(tokens))?;
    let burst = NonZeroU32::new(count(burst))?;
    Some(Rate { tokens, per, burst })
}
