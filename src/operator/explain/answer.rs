//! The answer to a client: the service's own answer to a request, computed but not sent.
//!
//! No rule is repeated here: the jBackend core decides whether a request reaches the method, the
//! method runs as it does for PHP's shadow (no mail, no trace row, no API key counted) with a log
//! of its decisions, and the answer is written by the code that writes real ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method as Verb};
use http_body_util::BodyExt;
use serde::Serialize;

use crate::http::download;
use crate::http::download::budget::Budget;
use crate::http::reply::{self, Refusals};
use crate::http::response::Response;
use crate::jbackend::access::Gate;
use crate::jbackend::core::{Core, Visitor};
use crate::jbackend::route::Call;
use crate::limits::Limits;
use crate::methods::{Answer, Caller, Decision, ErrorCode, Method, Recorded, Refusal};
use crate::service::site::OpenSite;
use crate::site::SiteView;
use crate::store::StoreError;

use super::masked::masked_in_json;
use super::place::{ChosenEndpoint, ExplainedRequest};

/// Which key a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySent {
    /// None.
    No,
    /// The one the operator was given.
    Given,
    /// The right one.
    Own,
    /// Any: there is no right one.
    Any,
}

/// An answer.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// The method's name.
    pub method: &'static str,
    /// The key that was sent along.
    pub key: KeySent,
    /// The error code's usual name; `None` if the answer is not a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// HTTP status that Joomla's updater gets, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updater_status: Option<u16>,
    /// `Content-Type`.
    pub content_type: String,
    /// The body, a license key in it masked; `None` for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `Content-Disposition` of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// A command that asks, with `…` for every secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// Further requirements of the end-point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<&'static str>,
    #[serde(skip)]
    pub(super) outcome: Result<(), ErrorCode>,
}

/// Returns the service's answer, and the decisions of its method.
///
/// The method runs even if the core refuses the request, so that all reasons can be shown.
#[expect(
    clippy::too_many_arguments,
    reason = "the service's own parts, and a request with its way of showing keys"
)]
pub(super) async fn ask(
    core: &Core,
    view: &Arc<SiteView>,
    refusals: &Refusals,
    place: &ChosenEndpoint<'_>,
    sent: &ExplainedRequest<'_>,
    key: KeySent,
) -> Result<(Answered, Vec<Decision>), StoreError> {
    let (call, url) = place.call(sent);
    let visitor = Visitor { shadow: true, preflight: true, ..Visitor::default() };
    let admitted = core.answer(view, &call, visitor).await.result;
    let (rehearsed, decisions) = rehearse(core, view, &call, sent.method).await?;
    let result = admitted.and(rehearsed);
    let outcome = result.as_ref().map(|_| ()).map_err(|refusal| *refusal);
    let mut updater_status = None;
    let reply = match result {
        Ok(Answer::Ok) => reply::ok(),
        Ok(Answer::Key { email, key, dlid }) => {
            reply::key(&email, &masked_in_json(key.as_str()), dlid)
        }
        Ok(Answer::File(file)) => {
            download::respond(file, &Verb::GET, &HeaderMap::new(), &Budget::new(0))
        }
        Err(refusal) => {
            let reply = refusals.reply(refusal, false);
            let to_updater = refusals.reply(refusal, sent.method == Method::Download).status();
            updater_status = (to_updater != reply.status()).then(|| to_updater.as_u16());
            reply
        }
    };
    let status = reply.status().as_u16();
    let text = |value: Option<&HeaderValue>| {
        value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let content_type = text(reply.headers().get(CONTENT_TYPE)).unwrap_or_default();
    let is_file = content_type != "application/json";
    let disposition = text(reply.headers().get(CONTENT_DISPOSITION)).filter(|_| is_file);
    let answered = Answered {
        method: sent.method.name(),
        key,
        code: outcome.err().map(|refusal: ErrorCode| refusals.name(refusal).to_owned()),
        status,
        updater_status,
        content_type,
        disposition,
        body: if is_file { None } else { Some(text_of(reply).await) },
        curl: url.map(|url| curl(&url.shown, sent)),
        needs: place.needs(),
        outcome,
    };
    Ok((answered, decisions))
}

/// Runs the method without limits and mails: returns its answer and its decisions.
async fn rehearse(
    core: &Core,
    view: &SiteView,
    call: &Call,
    method: Method,
) -> Result<(Result<Answer, ErrorCode>, Vec<Decision>), StoreError> {
    let limits = Limits::default();
    let arguments = call.params.arguments();
    let mut caller = Caller::logged(None, &limits, Recorded::default());
    let result = core.release.rehearse(view, method, &arguments, &mut caller).await;
    let result = match result {
        Ok(answer) => Ok(answer),
        Err(Refusal { failure: Some(error), .. }) => return Err(error),
        Err(refusal) => Err(refusal.code),
    };
    Ok((result, caller.into_log().0))
}

/// Returns a core that admits every client, and counts and writes nothing.
pub(super) fn core(site: &OpenSite) -> Core {
    let gate = Gate { keys: None, sessions: None };
    let (live, release) = (Arc::clone(&site.live), Arc::clone(&site.release));
    Core { site: live, release, gate, trace: None, renamed: BTreeMap::new() }
}

async fn text_of(reply: Response) -> String {
    let body = reply.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    body.map(|body| String::from_utf8_lossy(&body).into_owned()).unwrap_or_default()
}

fn curl(url: &str, sent: &ExplainedRequest<'_>) -> String {
    let options = if sent.method == Method::Download { " -OJ" } else { "" };
    let fields: String = sent
        .body
        .iter()
        .map(|(name, value)| match *name {
            "password" => " -d 'password=…'".to_owned(),
            name => format!(" --data-urlencode '{name}={}'", value.replace('\'', r"'\''")),
        })
        .collect();
    format!("curl{options} '{url}'{fields}")
}
