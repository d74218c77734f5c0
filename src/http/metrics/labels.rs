//! The labels of metrics: names from the bridge's code, and ids of the catalog, but no text of a
//! client's.

use std::fmt::{Error, Write as _};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// How a request ended, in the words of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeLabel {
    /// An error code by its usual name, or `ok`.
    Named(&'static str),
    /// The HTTP status of an answer without a code: `http_404`.
    Http(u16),
    /// A status outside HTTP's range, sent by the site.
    HttpOther,
}

impl CodeLabel {
    /// Labels an answer that is not an end-point's.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        if (100..600).contains(&status) { Self::Http(status) } else { Self::HttpOther }
    }
}

impl EncodeLabelValue for CodeLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), Error> {
        match self {
            Self::Named(name) => encoder.write_str(name),
            Self::Http(status) => write!(encoder, "http_{status}"),
            Self::HttpOther => encoder.write_str("http_other"),
        }
    }
}

/// Makes an enum of results and the word for each.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $of:literal])+ $variant:ident = $word:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[doc = $of])+ $variant, )+ }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), Error> {
                encoder.write_str(match self { $( Self::$variant => $word, )+ })
            }
        }
    };
}

words! {
    /// How a download ended.
    DownloadEnd {
        /// Its last byte has been handed over.
        Complete = "complete",
        /// The client disconnected, the storage failed or the service stopped before that.
        CutOff = "cut_off",
    }
}

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
    /// How a comparison in shadow mode ended.
    Comparison {
        /// Both answered alike.
        Same = "same",
        /// The log says how they differ.
        Different = "different",
        /// Left out, as too many others were under way.
        Dropped = "dropped",
        /// PHP's answer was not complete, or could not be read.
        Unread = "unread",
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

/// Labels of `requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Answered {
    pub(super) resource: &'static str,
    pub(super) code: CodeLabel,
}

/// Labels of `request_duration_seconds`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Resource {
    pub(super) resource: &'static str,
}

/// Labels of `download_bytes_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Package {
    pub(super) package: String,
}

/// Labels of `downloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Download {
    pub(super) package: String,
    pub(super) result: DownloadEnd,
}

/// Labels of `site_requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SiteAnswer {
    pub(super) code: CodeLabel,
}

/// Labels of `shadow_answers_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Compared {
    pub(super) resource: &'static str,
    pub(super) result: Comparison,
}

/// Labels of `mails_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Mail {
    pub(super) result: MailEnd,
}

/// Labels of `limit_refusals_total` and `limit_entries`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Limited {
    pub(super) limit: &'static str,
}

/// Labels of `reloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reload {
    pub(super) result: ReloadEnd,
}

/// Labels of `ready`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Check {
    pub(super) check: &'static str,
}

/// Labels of `site_fault`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct FaultLabel {
    pub(super) fault: &'static str,
}

/// Labels of the metrics of database connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Pool {
    pub(super) pool: &'static str,
}

/// Labels of `database_connections`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PoolUse {
    pub(super) pool: &'static str,
    pub(super) state: &'static str,
}

/// Labels of `update_packages`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PackageLabel {
    pub(super) standing: &'static str,
}
