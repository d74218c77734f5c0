//! What a client gets: the service's own answer to a request, computed and sent to nobody.
//!
//! Nothing is rebuilt here: the jBackend core runs the method as it does for PHP's shadow (no mail,
//! no trace row, no API key counted), and the answer is written by the code that writes real ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use http_body_util::BodyExt;
use serde::Serialize;
use warp::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use warp::http::{HeaderMap, HeaderValue, Method as Verb};
use warp::reply::Response;

use crate::app::site::Site;
use crate::jbackend::access::Gate;
use crate::jbackend::core::{Core, Visitor};
use crate::methods::{Answer, Code, Method};
use crate::site::SiteView;
use crate::web::download;
use crate::web::download::budget::Budget;
use crate::web::reply::{self, Refusals};

use super::masked::masked_in_json;
use super::place::{Place, Sent};

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
    /// The error code's usual name; `None` where the answer is no refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// HTTP status that Joomla's updater gets, where it is another one.
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
    /// What the end-point wants besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<&'static str>,
    /// Whether the steps lead to the same answer.
    pub as_explained: bool,
    #[serde(skip)]
    pub(super) outcome: Result<(), Code>,
}

/// Asks the service.
pub(super) async fn ask(
    core: &Core,
    view: &Arc<SiteView>,
    refusals: &Refusals,
    place: &Place<'_>,
    sent: &Sent<'_>,
    key: KeySent,
) -> Answered {
    let (call, url) = place.call(sent);
    let visitor = Visitor { shadow: true, ..Visitor::default() };
    let result = core.answer(view, &call, visitor).await.result;
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
    Answered {
        method: sent.method.name(),
        key,
        code: outcome.err().map(|refusal: Code| refusals.name(refusal).to_owned()),
        status,
        updater_status,
        content_type,
        disposition,
        body: if is_file { None } else { Some(text_of(reply).await) },
        curl: url.map(|url| curl(&url.shown, sent)),
        needs: place.needs(),
        as_explained: true,
        outcome,
    }
}

/// The core that answers: one that lets everybody in, counts nothing and writes nothing.
pub(super) fn core(site: &Site) -> Core {
    let gate = Gate { keys: None, sessions: None };
    let (live, release) = (Arc::clone(&site.live), Arc::clone(&site.release));
    Core { site: live, release, gate, trace: None, renamed: BTreeMap::new() }
}

async fn text_of(reply: Response) -> String {
    let body = reply.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    body.map(|body| String::from_utf8_lossy(&body).into_owned()).unwrap_or_default()
}

fn curl(url: &str, sent: &Sent<'_>) -> String {
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
