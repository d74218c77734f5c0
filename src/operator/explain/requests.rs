//! Which requests are tried, and with which parameters.
//!
//! It makes the requests of clients; `answer` computes the answers.

use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::http::reply::Refusals;
use crate::jbackend::core::Core;
use crate::methods::{Decision, Method};
use crate::release::license::LicenseKey;
use crate::site::SiteView;
use crate::store::StoreError;

use super::Question;
use super::answer::{self, Answered, KeySent};
use super::place::{ChosenEndpoint, ExplainedRequest};
use super::wanted::WantedThing;

/// One of the requests that are tried.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) key: KeySent,
    /// Whether he gets it depends on it.
    pub(super) decides: bool,
}

/// Returns the requests a client would send. Without a key: first without any, then with the right
/// one.
pub(super) fn requests(question: &Question, wanted: &WantedThing, has_own: bool) -> Vec<Request> {
    let best = match (&question.key, has_own) {
        _ if wanted.is_free() => KeySent::No,
        (Some(_), _) => KeySent::Given,
        (None, true) => KeySent::Own,
        (None, false) => KeySent::Any,
    };
    let without = matches!(best, KeySent::Own | KeySent::Any).then_some(KeySent::No);
    let keys = || [Some(best), without].into_iter().flatten();
    let request = |method| move |key| Request { method, key, decides: key == best };
    let mut requests: Vec<Request> = Vec::new();
    let has_login = question.password.is_some() && !wanted.is_free();
    if has_login {
        requests.push(Request { method: Method::KeyByAuth, key: KeySent::No, decides: true });
    }
    match wanted {
        WantedThing::Package { .. } => {
            requests.extend(keys().map(request(Method::Download)));
            requests.push(Request { method: Method::Verify, key: best, decides: false });
        }
        WantedThing::Group(_) => requests.extend(keys().map(request(Method::Validate))),
        WantedThing::Unknown => {
            requests.push(Request { method: Method::Download, key: best, decides: true });
            requests.push(Request { method: Method::Validate, key: best, decides: true });
        }
    }
    if !has_login && matches!(wanted, WantedThing::Group(_)) {
        requests.push(Request { method: Method::KeyByEmail, key: KeySent::No, decides: false });
    }
    requests
}

/// The common parts of all requests.
pub(super) struct Asker<'a> {
    pub(super) core: Core,
    pub(super) view: &'a Arc<SiteView>,
    pub(super) refusals: Refusals,
    pub(super) place: &'a ChosenEndpoint<'a>,
    pub(super) question: &'a Question,
    /// The package group a login asks for.
    pub(super) group: &'a str,
    pub(super) email: &'a str,
    pub(super) username: &'a str,
    pub(super) own: Option<&'a LicenseKey>,
    pub(super) free: bool,
}

impl Asker<'_> {
    /// Returns the answer to one of them, and its decisions.
    pub(super) async fn ask(
        &self,
        request: &Request,
    ) -> Result<(Answered, Vec<Decision>), StoreError> {
        let mut query = Vec::new();
        let mut body = Vec::new();
        match request.method {
            Method::KeyByAuth => {
                let password = self.question.password.as_ref();
                body.push(("username", self.username));
                body.push(("password", password.map_or("", ExposeSecret::expose_secret)));
            }
            // For a free package clients send only its id.
            _ if self.free => {}
            _ => query.push(("email", self.email)),
        }
        match request.key {
            KeySent::No => {}
            KeySent::Given => {
                let given = self.question.key.as_ref();
                query.push(("key", given.map_or("", ExposeSecret::expose_secret)));
            }
            KeySent::Own => query.push(("key", self.own.map_or("", LicenseKey::as_str))),
            KeySent::Any => query.push(("key", "any")),
        }
        let id = match request.method {
            Method::KeyByAuth => self.group,
            _ => &self.question.what,
        };
        let sent = ExplainedRequest { method: request.method, id, query, body };
        answer::ask(&self.core, self.view, &self.refusals, self.place, &sent, request.key).await
    }
}

/// The results of the requests.
pub(super) struct Asked {
    pub(super) answers: Vec<Answered>,
    /// The decisions for the decisive requests, except a login.
    pub(super) decided: Vec<Decision>,
    /// The decisions for the login.
    pub(super) login: Vec<Decision>,
}

impl Asker<'_> {
    pub(super) async fn ask_all(&self, requests: &[Request]) -> Result<Asked, StoreError> {
        let mut asked = Asked { answers: Vec::new(), decided: Vec::new(), login: Vec::new() };
        for request in requests {
            let (answer, decisions) = self.ask(request).await?;
            asked.answers.push(answer);
            match request.method {
                Method::KeyByAuth => asked.login = decisions,
                _ if request.decides => asked.decided.extend(decisions),
                _ => {}
            }
        }
        Ok(asked)
    }
}

/// The key of the first request that decides, but for a login.
pub(super) fn key_sent(requests: &[Request]) -> KeySent {
    let decides = |one: &&Request| one.decides && one.method != Method::KeyByAuth;
    requests.iter().find(decides).map_or(KeySent::No, |one| one.key)
}
