//! The way of a request, in order: the one function that shows it.

use std::sync::Arc;
use std::time::Instant;

use bytes::Buf;
use futures_util::Stream;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OwnedSemaphorePermit;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::{CONNECTION, COOKIE, HeaderValue};
use warp::http::{HeaderMap, Method, StatusCode};
use warp::reply::Response;

use super::access_log::{self, Record, Unanswered};
use super::body::{Bodies, BodyError, FormFields};
use super::cors;
use super::download;
use super::download::budget::Budget;
use super::force_ssl::ForceSsl;
use super::peer::{Peer, Proxies};
use super::reply::{self, Refusals};
use crate::jbackend::core::{Core, Outcome, Visitor};
use crate::jbackend::endpoint::LiveEndpoints;
use crate::jbackend::route::{self, Call, Route};
use crate::jbackend::target::{BadTarget, SitePath};
use crate::methods::{Answer, Argument};
use crate::php::query;

/// What requests are answered with.
pub struct Front {
    /// The jBackend core and its module.
    pub core: Core,
    /// The site's end-points.
    pub endpoints: Arc<LiveEndpoints>,
    /// When http is not enough.
    pub force_ssl: ForceSsl,
    /// Whose forwarding headers are believed.
    pub proxies: Proxies,
    /// How refusals look.
    pub refusals: Refusals,
    /// What bodies may cost.
    pub bodies: Bodies,
    /// Memory all downloads share.
    pub budget: Arc<Budget>,
    /// Secret for the hash of the e-mail in the log.
    pub email_hash_key: Option<SecretString>,
}

/// A request, as warp takes it apart.
struct Head {
    verb: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    peer: Peer,
}

/// The longest path and query together, in bytes.
const LONGEST_TARGET: usize = 32 * 1024;

/// The one filter: it takes everything and never rejects.
#[must_use]
pub fn routes(front: Arc<Front>) -> BoxedFilter<(Response,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::get::<Peer>())
        .map(|verb, path: warp::path::FullPath, query, headers, peer| Head {
            verb,
            path: path.as_str().to_owned(),
            query,
            headers,
            peer,
        })
        .and(warp::body::stream())
        .then(move |head, body| {
            let front = Arc::clone(&front);
            async move { front.handle(head, body).await }
        })
        .boxed()
}

impl Front {
    async fn handle<S, B>(&self, head: Head, body: S) -> Response
    where
        S: Stream<Item = Result<B, warp::Error>> + Send + 'static,
        B: Buf + Send + 'static,
    {
        let mut unanswered = Unanswered::new(Record {
            started: Instant::now(),
            verb: head.verb.clone(),
            resource: "-",
            id: None,
            code: "-",
            client: self.proxies.client(head.peer, &head.headers),
            email: None,
        });
        let mut reply = match self.call(&head, body).await {
            Ok((call, _memory)) => self.answer(&head, &call, &mut unanswered.record).await,
            Err(reply) => reply,
        };
        reply.extensions_mut().insert(unanswered.answered());
        reply
    }

    /// Path, body and route: the end-point's request with the memory its body takes, or the answer
    /// to one that is none.
    async fn call<S, B>(
        &self,
        head: &Head,
        body: S,
    ) -> Result<(Call, Option<OwnedSemaphorePermit>), Response>
    where
        S: Stream<Item = Result<B, warp::Error>> + Send + 'static,
        B: Buf + Send + 'static,
    {
        if head.verb == Method::CONNECT {
            return Err(closing(reply::plain(StatusCode::NOT_IMPLEMENTED, "No tunnels here.\n")));
        }
        if head.path.len() + head.query.len() > LONGEST_TARGET {
            return Err(reply::plain(StatusCode::URI_TOO_LONG, "The address is too long.\n"));
        }
        let path = SitePath::parse(head.path.as_bytes()).map_err(|bad| match bad {
            BadTarget::AboveRoot | BadTarget::Nul => {
                reply::plain(StatusCode::BAD_REQUEST, "The address is not valid.\n")
            }
        })?;
        let endpoints = self.endpoints.current();
        let form = if route::reads_body(&path, &endpoints) {
            let form = self.bodies.fields(&head.verb, &head.headers, body).await;
            form.map_err(turned_away)?
        } else {
            FormFields::default()
        };
        let query = query::parse_query(head.query.as_bytes());
        match route::route(path, query, form.fields, &endpoints) {
            Route::Endpoint(call) => Ok((*call, form.memory)),
            Route::Site => {
                Err(reply::plain(StatusCode::NOT_FOUND, "There is no end-point here.\n"))
            }
        }
    }

    async fn answer(&self, head: &Head, call: &Call, record: &mut Record) -> Response {
        if !self.proxies.is_secure(head.peer, &head.headers) {
            let (headers, path, query) = (&head.headers, &head.path, &head.query);
            let redirect = self.force_ssl.redirect(call.behaviour.force_ssl, headers, path, query);
            if let Some(redirect) = redirect {
                return redirect;
            }
        }
        let preflight = call.behaviour.cors && cors::is_preflight(&head.verb, &head.headers);
        let session = self.core.session_cookie().and_then(|name| cookie(&head.headers, name));
        let outcome = self.core.answer(call, Visitor { session, preflight }).await;
        let mut reply = self.reply(head, call, outcome, record);
        if call.behaviour.cors {
            cors::allow_reading(&mut reply);
        }
        if preflight {
            cors::allow_request(&mut reply, &head.headers);
        }
        reply
    }

    fn reply(&self, head: &Head, call: &Call, outcome: Outcome, record: &mut Record) -> Response {
        record.resource = outcome.method.map_or("-", |method| method.name());
        record.id = outcome.id;
        record.email = self.email_hash(call);
        record.code = "ok";
        match outcome.result {
            Ok(Answer::Ok) => reply::ok(),
            Ok(Answer::Key { email, key }) => reply::key(&email, key.as_str()),
            Ok(Answer::File(file)) => {
                download::respond(file, &head.verb, &head.headers, &self.budget)
            }
            Err(code) => {
                record.code = code.name;
                let download =
                    call.params.argument("resource") == Argument::Text(b"download".into());
                let to_updater = download && reply::is_joomla_updater(&head.verb, &head.headers);
                self.refusals.reply(code, to_updater)
            }
        }
    }

    fn email_hash(&self, call: &Call) -> Option<String> {
        let key = self.email_hash_key.as_ref()?;
        match call.params.argument("email") {
            Argument::Text(email) => {
                Some(access_log::fingerprint(&email, key.expose_secret().as_bytes()))
            }
            Argument::Absent | Argument::Unusable => None,
        }
    }
}

/// The value of a cookie; the first one of a name wins, as in PHP.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .find_map(|pair| {
            let split = pair.iter().position(|&byte| byte == b'=')?;
            let (found, value) = pair.split_at(split);
            (found.trim_ascii() == name.as_bytes())
                .then(|| value.get(1..).unwrap_or_default().trim_ascii())
        })
}

/// The rest of such a body is not waited for: the connection closes.
fn turned_away(error: BodyError) -> Response {
    closing(match error {
        BodyError::TooLarge => {
            reply::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too large.\n")
        }
        BodyError::TooSlow => {
            reply::plain(StatusCode::REQUEST_TIMEOUT, "The request's body did not arrive.\n")
        }
        BodyError::Broken => {
            reply::plain(StatusCode::BAD_REQUEST, "The request's body is not valid.\n")
        }
        BodyError::Busy => {
            reply::plain(StatusCode::SERVICE_UNAVAILABLE, "The server is busy: try again.\n")
        }
    })
}

/// What follows on the connection is no request.
fn closing(mut reply: Response) -> Response {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}
