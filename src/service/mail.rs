//! Builds the mailer of the plan, and counts its mails.

use std::sync::Arc;

use super::plan::mail::{MailPlan, Way};
use crate::admin::metrics::Metrics;
use crate::admin::metrics::labels::MailEnd;
use crate::mail::{self, MailError, Mailer, Offline, Sending};

/// Builds the mailer and logs the problems of its settings as warnings.
///
/// A site whose mail cannot work starts all the same: everything but `keybyemail` still works.
pub(super) fn mailer(plan: &MailPlan, metrics: &Arc<Metrics>) -> Arc<dyn Mailer> {
    for (error, what) in &plan.warnings {
        tracing::warn!(%error, "{what}");
    }
    let mailer: Arc<dyn Mailer> = match &plan.way {
        Way::Off => {
            tracing::warn!("mail is switched off: `keybyemail` answers REL_ESM");
            Arc::new(Offline)
        }
        Way::Open(mailer) => Arc::<dyn mail::MailCheck>::clone(mailer),
        Way::Blocked(error) => {
            tracing::warn!(%error, "mails cannot be sent: `keybyemail` answers REL_ESM");
            Arc::new(Unusable)
        }
    };
    Arc::new(Counted { mailer, metrics: Arc::clone(metrics) })
}

/// The mailer of a site with unusable mail settings.
struct Unusable;

impl Mailer for Unusable {
    fn send<'a>(&'a self, _mail: &'a mail::Mail) -> Sending<'a> {
        Box::pin(async { Err(MailError::Unusable) })
    }
}

/// Counts mails by their outcome: sent, failed or given up.
struct Counted {
    mailer: Arc<dyn Mailer>,
    metrics: Arc<Metrics>,
}

impl Mailer for Counted {
    fn send<'a>(&'a self, mail: &'a mail::Mail) -> Sending<'a> {
        Box::pin(async move {
            let mut end = Ended { end: MailEnd::GivenUp, metrics: &self.metrics };
            let sent = self.mailer.send(mail).await;
            end.end = if sent.is_ok() { MailEnd::Sent } else { MailEnd::Failed };
            sent
        })
    }
}

/// Counts a mail when it is dropped, so that a mail whose client did not wait is counted too.
struct Ended<'a> {
    end: MailEnd,
    metrics: &'a Metrics,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.metrics.mailed(self.end);
    }
}
