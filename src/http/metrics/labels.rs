//! The labels of metrics: names the bridge knows, and ids of the catalog; nothing of a client.

use std::fmt::{Error, Write as _};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// How a request ended, in the words of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeLabel {
    /// An error code by its usual name, or `ok`.
    Named(&'static str),
    /// The HTTP status of what came to no end-point: `http_404`.
    Http(u16),
    /// A status HTTP does not have, sent by the site.
    HttpOther,
}

impl CodeLabel {
    /// Of an answer that is no end-point's.
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

/// Gives a result its words.
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
        /// Client, storage or a stop came before it.
        CutOff = "cut_off",
    }
}

words! {
    /// What became of a mail.
    MailEnd {
        /// The mail server has taken it.
        Sent = "sent",
        /// The log says why.
        Failed = "failed",
        /// The client has gone before the mail server's answer.
        GivenUp = "given_up",
    }
}

words! {
    /// What became of a comparison in shadow mode.
    Comparison {
        /// Both answered alike.
        Same = "same",
        /// The log says how they differ.
        Different = "different",
        /// Left out, since too many others were under way.
        Dropped = "dropped",
        /// PHP's answer did not come to its end, or could not be read.
        Unread = "unread",
    }
}

words! {
    /// What became of a reload.
    ReloadEnd {
        /// The new configuration is in force.
        Ok = "ok",
        /// The old one still is.
        Failed = "failed",
    }
}

/// Of `requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Answered {
    pub(super) resource: &'static str,
    pub(super) code: CodeLabel,
}

/// Of `request_duration_seconds`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Resource {
    pub(super) resource: &'static str,
}

/// Of `download_bytes_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Package {
    pub(super) package: String,
}

/// Of `downloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Download {
    pub(super) package: String,
    pub(super) result: DownloadEnd,
}

/// Of `site_requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SiteAnswer {
    pub(super) code: CodeLabel,
}

/// Of `shadow_answers_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Compared {
    pub(super) resource: &'static str,
    pub(super) result: Comparison,
}

/// Of `mails_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Mail {
    pub(super) result: MailEnd,
}

/// Of `limit_refusals_total` and `limit_entries`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Limited {
    pub(super) limit: &'static str,
}

/// Of `reloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reload {
    pub(super) result: ReloadEnd,
}

/// Of `ready`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Check {
    pub(super) check: &'static str,
}

/// Of `site_fault`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct FaultLabel {
    pub(super) fault: &'static str,
}

/// Of the metrics of database connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Pool {
    pub(super) pool: &'static str,
}

/// Of `database_connections`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PoolUse {
    pub(super) pool: &'static str,
    pub(super) state: &'static str,
}

/// Of `update_packages`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PackageLabel {
    pub(super) standing: &'static str,
}
