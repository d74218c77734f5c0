//! A refused upload: its status, and what is wrong, in JSON.

use std::fmt::Display;
use std::io;

use http::StatusCode;
use http::header::{ALLOW, HeaderValue, WWW_AUTHENTICATE};
use serde::Serialize;

use super::answer::json;
use crate::http::reply;
use crate::http::response::Response;
use crate::ledger::LedgerError;
use crate::limits::Exceeded;
use crate::mask::printable;
use crate::publish::PublishError;
use crate::publish::lint::{Finding, Findings};
use crate::publish::states::ChangeError;
use crate::publish::token::TokenRefusal;
use crate::publish::upload::{NoPlace, ReceiveError};
use crate::release::upload_token::UploadRight;
use crate::told::{Tell, Told, told};
use crate::words;

/// Seconds after which a client may try again if others are in its way.
const SHORT_WAIT: u64 = 10;

/// A request that was refused.
#[derive(Debug)]
pub(super) struct UploadRefusal {
    status: StatusCode,
    told: Told,
    findings: Vec<Finding>,
    /// Seconds until another try makes sense.
    wait: Option<u64>,
}

/// The answer.
#[derive(Serialize)]
struct RefusalJson<'r> {
    result: &'static str,
    error: &'r str,
    advice: Option<&'r str>,
    findings: &'r [Finding],
}

impl UploadRefusal {
    fn new(status: StatusCode, told: &impl Tell) -> Self {
        Self { status, told: told.told(), findings: Vec::new(), wait: None }
    }

    fn after(self, wait: u64) -> Self {
        Self { wait: Some(wait), ..self }
    }

    fn with(self, Findings(findings): Findings) -> Self {
        Self { findings, ..self }
    }

    /// Makes the answer.
    pub(super) fn reply(&self) -> Response {
        let Told { what, advice, .. } = &self.told;
        let advice = advice.as_deref();
        let findings = &self.findings;
        let value = RefusalJson { result: "refused", error: what, advice, findings };
        let mut reply = json(self.status, &value);
        if let Some(wait) = self.wait {
            reply::ask_to_wait(&mut reply, wait);
        }
        let headers = reply.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("PUT, POST"));
        }
        reply
    }

    pub(super) fn verb() -> Self {
        let told = told!(
            "this address takes uploads" =>
            "PUT a file at `releases/<file name>`, or POST to `releases/<id>/promote`"
        );
        Self::new(StatusCode::METHOD_NOT_ALLOWED, &told)
    }

    pub(super) fn clear_text() -> Self {
        let told = told!(
            "the upload token came by plain http, and could have been read on its way" =>
            "use the https address; if you did, let the proxy in front send `X-Forwarded-Proto`, and \
             name it in `trusted_proxies`; revoke the token if the way was not yours"
        );
        Self::new(StatusCode::FORBIDDEN, &told)
    }

    pub(super) fn too_many_failures(exceeded: Exceeded) -> Self {
        let told = told!("too many requests of this address have failed" => "wait, then try again");
        Self::new(StatusCode::TOO_MANY_REQUESTS, &told).after(exceeded.seconds())
    }

    pub(super) fn no_length(is_chunked: bool) -> Self {
        let told = if is_chunked {
            told!("the body comes in chunks" => "upload a file, whose length is known, not a pipe")
        } else {
            told!("the request has no `Content-Length`" => "upload a file, whose length is known")
        };
        Self::new(StatusCode::LENGTH_REQUIRED, &told)
    }

    pub(super) fn empty() -> Self {
        let told = told!("the file is empty" => "look at the path of the file in your script");
        Self::new(StatusCode::BAD_REQUEST, &told)
    }

    pub(super) fn too_large(largest: u64) -> Self {
        let told = told!(
            "the file is larger than {}", words::size(largest) =>
            "raise `max_size` in `[releases]` on the server"
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, &told)
    }

    pub(super) fn not_plain() -> Self {
        let told = told!(
            "the body is a form, or compressed once more" =>
            "send the ZIP itself: `curl --upload-file FILE.zip`"
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, &told)
    }

    pub(super) fn bad_head(findings: Findings) -> Self {
        let told = told!("the upload is refused: {}", findings.errors_in_a_line());
        Self::new(StatusCode::BAD_REQUEST, &told).with(findings)
    }

    pub(super) fn bad_query() -> Self {
        let told = told!("the query has another parameter than `version`, or has it twice");
        Self::new(StatusCode::BAD_REQUEST, &told)
    }

    pub(super) fn right(needed: UploadRight, may: UploadRight) -> Self {
        let told = told!(
            "the upload token may {may}, and this needs the right to {needed}" =>
            "use another token, or make one with `--may {needed}`"
        );
        Self::new(StatusCode::FORBIDDEN, &told)
    }

    pub(super) fn other_release() -> Self {
        let told = told!(
            "the upload token is not for this release" => "use the token of its extension and group"
        );
        Self::new(StatusCode::FORBIDDEN, &told)
    }

    pub(super) fn no_change(change: &str) -> Self {
        let told = told!(
            "`{}` is not a change of a release", printable(change) =>
            "POST to `releases/<id>/promote`, `…/hold` or `…/withdraw`"
        );
        Self::new(StatusCode::NOT_FOUND, &told)
    }

    pub(super) fn no_room() -> Self {
        let told = told!(
            "the server's disk has no room for the file and the reserve" =>
            "make room on the disk of `folder` in `[releases]`"
        );
        Self::new(StatusCode::INSUFFICIENT_STORAGE, &told)
    }

    /// The reason is the operator's; a full disk is told to the client, too.
    pub(super) fn storage(error: &io::Error) -> Self {
        tracing::error!(%error, "an upload cannot be stored: look at `folder` in `[releases]`");
        let is_full =
            [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge];
        if is_full.contains(&error.kind()) {
            return Self::no_room();
        }
        let told = told!("the server cannot store the file" => "its log has the reason");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, &told)
    }

    pub(super) fn ledger_away() -> Self {
        let told = told!(
            "the server's ledger does not answer" => "try again; the server's log has the reason"
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, &told).after(SHORT_WAIT)
    }

    pub(super) fn ledger(error: &LedgerError) -> Self {
        tracing::error!(%error, "an upload met a ledger that fails");
        Self::ledger_away()
    }

    pub(super) fn stopping() -> Self {
        let told = told!("the service is shutting down" => "try again in a moment");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, &told).after(SHORT_WAIT)
    }

    pub(super) fn fault() -> Self {
        let told = told!("the server met a fault of its own" => "its log has the place");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, &told)
    }

    pub(super) fn other_digest(stated: &dyn Display, found: &dyn Display) -> Self {
        let told = told!(
            "the body has the SHA-256 sum {found}, and `Content-Digest` says {stated}" =>
            "make the sum of the file that is sent, and try again if they are the same"
        );
        Self::new(StatusCode::BAD_REQUEST, &told)
    }
}

impl From<TokenRefusal> for UploadRefusal {
    fn from(error: TokenRefusal) -> Self {
        match &error {
            TokenRefusal::Ledger(error) => Self::ledger(error),
            TokenRefusal::Network(_) => Self::new(StatusCode::FORBIDDEN, &error),
            _ => Self::new(StatusCode::UNAUTHORIZED, &error),
        }
    }
}

impl From<NoPlace> for UploadRefusal {
    fn from(reason: NoPlace) -> Self {
        let advice = "wait until they have ended";
        match reason {
            NoPlace::Token => {
                let told = told!("the token has two uploads under way" => "{advice}");
                Self::new(StatusCode::TOO_MANY_REQUESTS, &told)
            }
            NoPlace::All => {
                let told = told!("too many uploads are under way" => "{advice}");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, &told)
            }
        }
        .after(SHORT_WAIT)
    }
}

impl From<ReceiveError> for UploadRefusal {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Broken => {
                let told = told!("the body ended early" => "try again");
                Self::new(StatusCode::BAD_REQUEST, &told)
            }
            ReceiveError::TooSlow => {
                let told = told!("the body came too slowly" => "try again from a faster network");
                Self::new(StatusCode::REQUEST_TIMEOUT, &told)
            }
            ReceiveError::Storage(error) => Self::storage(&error),
            ReceiveError::Stopping => Self::stopping(),
        }
    }
}

impl From<PublishError> for UploadRefusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Storage(error) => Self::storage(&error),
            PublishError::Ledger(error) => Self::ledger(&error),
            PublishError::Stopping => Self::stopping(),
            PublishError::Conflict { .. } => Self::new(StatusCode::CONFLICT, &error),
            PublishError::OtherOwner { .. } | PublishError::OutOfScope { .. } => {
                Self::new(StatusCode::FORBIDDEN, &error)
            }
            PublishError::Refused(findings) => {
                let told = told!("the release is refused: {}", findings.errors_in_a_line());
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, &told).with(findings)
            }
        }
    }
}

impl From<ChangeError> for UploadRefusal {
    fn from(error: ChangeError) -> Self {
        match &error {
            ChangeError::Ledger(error) => Self::ledger(error),
            ChangeError::Unknown { .. } => Self::new(StatusCode::NOT_FOUND, &error),
            _ => Self::new(StatusCode::CONFLICT, &error),
        }
    }
}
