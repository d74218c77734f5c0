//! The labels of the other counters.

use std::fmt::{Error, Write as _};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

use crate::http::counts::labels::words;

words! {
    /// How a mail ended.
    MailEnd {
        /// The mail server has accepted it.
        Sent = "sent",
        /// It was not sent; the log has the reason.
        Failed = "failed",
        /// The client disconnected before the mail server's answer.
        GivenUp = "given_up",
    }
}

words! {
    /// How a reload ended.
    ReloadEnd {
        /// The new configuration is in force.
        Ok = "ok",
        /// The old configuration stays in force.
        Failed = "failed",
    }
}

/// Labels of `mails_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Mail {
    pub(super) result: MailEnd,
}

/// Labels of `limit_refusals_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Limited {
    pub(super) limit: &'static str,
}

/// Labels of `reloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reload {
    pub(super) result: ReloadEnd,
}
