//! The labels of HTTP's counters: names that the bridge has chosen, and ids of the catalog. They hold
//! no text of a client.

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

pub(crate) use words;

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

/// Labels of `requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) resource: &'static str,
    pub(crate) code: CodeLabel,
}

/// Labels of `request_duration_seconds`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Resource {
    pub(crate) resource: &'static str,
}

/// Labels of `download_bytes_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Package {
    pub(crate) package: String,
}

/// Labels of `downloads_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Download {
    pub(crate) package: String,
    pub(crate) result: DownloadEnd,
}

/// Labels of `site_requests_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct SiteAnswer {
    pub(crate) code: CodeLabel,
}

/// Labels of `shadow_answers_total`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Compared {
    pub(crate) resource: &'static str,
    pub(crate) result: Comparison,
}
