//! Answers uploads of releases, and changes of their states, by the holders of upload tokens.
//!
//! `handle` calls `find` before it reads anything else of a request, and `answer` with the
//! unread body. Neither access nor API keys of the end-point count here, and no answer may be read by
//! scripts of other sites. `docs/releases.md`, "From CI", has the rules. Must not import: `store`.
//!
//! - `upload`: a file becomes a release.
//! - `change`: a release gets another state.
//! - `refusal`: the reason of a refusal, with its status.
//! - `answer`: the JSON of both.

mod answer;
mod change;
mod refusal;
mod upload;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use php_compat::query::percent_decode;
use tokio::time::timeout;

use self::refusal::UploadRefusal;
use super::Front;
use super::turned_away::closing;
use crate::http::access_log::Record;
use crate::http::body::{BodyError, RawBody};
use crate::http::counts::RELEASES;
use crate::http::head::Head;
use crate::http::peer::Peer;
use crate::http::response::Response;
use crate::jbackend::release_path::below_releases;
use crate::ledger::Ledger;
use crate::publish::desk::UploadDesk;
use crate::publish::token::admit;
use crate::release::upload_token::UploadToken;
use crate::site::endpoint::Endpoints;

/// The bytes of a refused body that are read all the same, so that the client gets the answer, and
/// the time for them.
const READ_AFTER_REFUSAL: u64 = 1024 * 1024;
const TIME_AFTER_REFUSAL: Duration = Duration::from_secs(2);

/// The aim of a request below `/<end-point>/releases/`.
pub(super) enum ReleaseTarget {
    /// A file of this name.
    Upload(String),
    /// A change of the release with this id.
    Change(String, String),
    /// Nothing that is possible here.
    Other,
}

/// Finds the aim of a request; `None` if it is not for a release. Reading requests are jBackend's.
pub(super) fn find(head: &Head, endpoints: &Endpoints) -> Option<ReleaseTarget> {
    if matches!(head.verb, Method::GET | Method::HEAD) {
        return None;
    }
    let rest = below_releases(&head.path, endpoints)?;
    let text =
        |part: &str| String::from_utf8_lossy(&percent_decode(part.as_bytes(), false)).into_owned();
    match (&head.verb, rest.split_once('/')) {
        (&Method::PUT, _) => Some(ReleaseTarget::Upload(text(rest))),
        (&Method::POST, Some((id, change))) => Some(ReleaseTarget::Change(text(id), text(change))),
        (&Method::POST, None) => None,
        _ => Some(ReleaseTarget::Other),
    }
}

/// Answers the request.
pub(super) async fn answer(
    front: &Front,
    head: &Head,
    target: ReleaseTarget,
    body: RawBody,
    record: &mut Record,
) -> Response {
    record.resource = RELEASES;
    let Some(desk) = &front.uploads else { return UploadRefusal::verb().reply() };
    let visit = ReleaseVisit { front, desk, head, client: record.client };
    let mut body = Some(body);
    let done = match target {
        ReleaseTarget::Upload(name) => visit.upload(&name, &mut body, record).await,
        ReleaseTarget::Change(id, change) => visit.change(&id, &change, record).await,
        ReleaseTarget::Other => Err(UploadRefusal::verb()),
    };
    let reply = done.unwrap_or_else(|refusal| refusal.reply());
    match body {
        Some(body) => after_rest_of(body, &head.headers, reply).await,
        None if reply.status().is_success() => reply,
        None => closing(reply),
    }
}

/// A request, and the parts that answer it.
struct ReleaseVisit<'r> {
    front: &'r Front,
    desk: &'r UploadDesk,
    head: &'r Head,
    client: Option<IpAddr>,
}

impl ReleaseVisit<'_> {
    /// Refuses a token that came in the clear over a network.
    fn is_private(&self) -> Result<(), UploadRefusal> {
        let Head { peer, headers, .. } = self.head;
        let is_trusted = self.front.proxies.trusts(*peer);
        let has = |name: &str| headers.contains_key(name);
        // Without these headers the client is a process of this machine, or a proxy that hides its
        // clients.
        let is_told = if is_trusted {
            has("x-forwarded-for") || !has("x-forwarded-proto")
        } else {
            !has("x-forwarded-for") && !has("x-forwarded-proto")
        };
        let is_here = match self.client {
            Some(client) => client.is_loopback(),
            None => *peer == Peer::Unix,
        };
        if self.front.proxies.is_secure(*peer, headers) || (is_here && is_told) {
            Ok(())
        } else {
            Err(UploadRefusal::clear_text())
        }
    }

    fn ledger(&self) -> Result<Arc<dyn Ledger>, UploadRefusal> {
        (self.desk.ledger)().ok_or_else(UploadRefusal::ledger_away)
    }

    /// Judges the token. A bad one counts as a failure of the client's address.
    async fn token(&self, ledger: &dyn Ledger) -> Result<UploadToken, UploadRefusal> {
        let address = self.front.proxies.client_address(self.client);
        let limits = &self.front.core.release.limits;
        limits.try_key(address, None).await.map_err(UploadRefusal::too_many_failures)?;
        let sent = bearer(&self.head.headers);
        let admitted = admit(ledger, sent, self.client, now()).await;
        if let Err(error) = &admitted
            && sent.is_some()
        {
            limits.address_failed(address).await;
            tracing::warn!(client = ?self.client, reason = %error, "an upload token was refused");
        }
        admitted.map_err(UploadRefusal::from)
    }
}

/// Reads the token of `Authorization: Bearer <token>`, with the scheme in any case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The time in seconds since 1970.
fn now() -> i64 {
    Timestamp::now().as_second()
}

/// The name of a token in the ledger and in the log.
fn actor(token: &UploadToken) -> String {
    format!("token {}", token.id)
}

/// Closes the connection of a request whose body was not read. A short body is read first: the answer
/// would be lost if the connection closed while the client still sends. A client that waits for
/// `100 Continue` has sent nothing.
async fn after_rest_of(body: RawBody, headers: &HeaderMap, reply: Response) -> Response {
    if !headers.contains_key("expect") {
        let skip = async {
            let (mut body, mut read) = (body, 0);
            while let Some(Ok::<_, BodyError>(bytes)) = body.next().await {
                read += bytes.len() as u64;
                if read > READ_AFTER_REFUSAL {
                    return;
                }
            }
        };
        let _ = timeout(TIME_AFTER_REFUSAL, skip).await;
    }
    closing(reply)
}
