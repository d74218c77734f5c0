//! Builds the limits in force from the plan. Limits whose numbers are the same after a reload stay:
//! a reload must not give clients new budgets.

use std::sync::Arc;

use super::kept::Kept;
use super::plan::limits::{LimitsPlan, SharedIdentity};
use crate::admin::metrics::Metrics;
use crate::limits::buckets::{Buckets, Rate};
use crate::limits::proven::Proven;
use crate::limits::shared::SharedBuckets;
use crate::limits::shared::server::RedisServer;
use crate::limits::{Budget, Limit, Limits, Refusals};

/// The limits that outlive a reload.
pub(super) struct ProcessLimits {
    address_failures: KeptBuckets,
    login_failures: KeptBuckets,
    mail_requests: KeptBuckets,
    mails: KeptBuckets,
    proven: Arc<Proven>,
    refusals: Refusals,
    /// The connection stays over a reload that does not change it.
    sharing: Kept<Option<SharedIdentity>, Option<Arc<RedisServer>>>,
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

    /// Returns the limits of this plan. They are kept after [`ProcessLimits::settle`].
    pub(super) fn limits(&self, plan: &LimitsPlan) -> Limits {
        let sharing = plan.sharing.as_ref();
        let wanted = sharing.map(|sharing| sharing.wanted.clone());
        let made = |_: Option<&_>| sharing.map(|sharing| Arc::clone(&sharing.server));
        let names = wanted.as_ref().map(|wanted| Arc::clone(&wanted.names));
        let server = self.sharing.stage(wanted, made);
        let of = |limit, kept: &KeptBuckets, rate: Option<Rate>| {
            let local = kept.stage(rate, |_| rate.map(|rate| Arc::new(Buckets::new(rate))))?;
            let sharing = server.as_ref().zip(names.as_ref());
            let shared = rate.zip(sharing).map(|(rate, (server, names))| {
                SharedBuckets::new(Arc::clone(server), Arc::clone(names), limit, rate)
            });
            Some(Budget::new(local, shared))
        };
        Limits {
            address_failures: of(
                Limit::AddressFailures,
                &self.address_failures,
                plan.address_failures,
            ),
            login_failures: of(Limit::LoginFailures, &self.login_failures, plan.login_failures),
            mail_requests: of(Limit::MailRequests, &self.mail_requests, plan.mail_requests),
            mails: of(Limit::Mails, &self.mails, plan.mails),
            proven: Arc::clone(&self.proven),
            refusals: self.refusals.clone(),
            shared: server,
        }
    }

    /// Keeps the limits: their configuration is in force.
    pub(super) fn settle(&self) {
        for kept in [&self.address_failures, &self.login_failures, &self.mail_requests, &self.mails]
        {
            kept.settle();
        }
        self.sharing.settle();
    }
}
