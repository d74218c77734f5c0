//! Which requests will be sent, before the first one is.

use super::case::{Case, CaseRequest, LeftOut};
use super::mask;
use super::report::Omitted;
use super::values::Values;

/// The cases to send, and those left out.
#[derive(Default)]
pub struct Plan {
    /// In this order.
    pub sent: Vec<CaseRequest>,
    /// Cases without a value they need, and such that may send a mail.
    pub left_out: Vec<Omitted>,
}

impl Plan {
    /// Adds cases with the site's values.
    pub fn add(&mut self, cases: &[Case], values: &Values, allow_mails: bool) {
        for case in cases {
            let sent = case.fill(values);
            let sent = if case.mails && !allow_mails { Err(LeftOut::Mails) } else { sent };
            match sent {
                Ok(sent) => self.sent.push(sent),
                Err(reason) => {
                    let case = mask::words(&case.name);
                    let omitted = Omitted { case, reason: reason.to_string() };
                    self.left_out.push(omitted);
                }
            }
        }
    }

    /// How many requests count against the API key, on each side.
    #[must_use]
    pub fn counting(&self) -> usize {
        self.sent.iter().filter(|sent| sent.counts_api_key).count()
    }
}
