//! The addresses for clients: the site's end-points, and the URL of a request on one of them.
//!
//! A URL is only shown when the service's own router leads it to that end-point with these
//! parameters.

use std::fmt::Write as _;
use std::sync::Arc;

use php_compat::query::{self, Fields, percent_encode};

use crate::config::public_url::PublicUrl;
use crate::jbackend::params::Params;
use crate::jbackend::route::{Call, Route, route};
use crate::methods::Method;
use crate::site::endpoint::{Access, Behaviour, Endpoint, Endpoints};
use crate::site::target::SitePath;

use super::step::Step;

const MODULE: &str = "release";

/// Stands for the site if its address is not configured.
const UNKNOWN_SITE: &str = "https://YOUR-SITE";

/// End-points listed at most.
const MOST_SHOWN: usize = 5;

/// The end-point that requests are made for.
pub(super) struct ChosenEndpoint<'s> {
    endpoints: &'s Endpoints,
    chosen: Option<&'s Endpoint>,
    /// The public address without its path.
    origin: String,
}

/// A request: parameters by name, `id` apart.
pub(super) struct ExplainedRequest<'a> {
    pub(super) method: Method,
    pub(super) id: &'a str,
    pub(super) query: Vec<(&'static str, &'a str)>,
    pub(super) body: Vec<(&'static str, &'a str)>,
}

impl<'s> ChosenEndpoint<'s> {
    /// The end-point that is easiest to ask: it publishes the module, and needs the least.
    pub(super) fn new(url: Option<&PublicUrl>, endpoints: &'s Endpoints) -> Self {
        let chosen = endpoints.iter().min_by_key(|endpoint| {
            (
                !publishes(&endpoint.behaviour),
                endpoint.behaviour.access,
                endpoint.language.is_some(),
            )
        });
        let origin = url.map_or_else(|| UNKNOWN_SITE.to_owned(), PublicUrl::origin);
        Self { endpoints, chosen, origin }
    }

    /// Whether a request comes as far as the module.
    fn publishes(&self) -> bool {
        self.chosen.is_none_or(|endpoint| publishes(&endpoint.behaviour))
    }

    /// Returns the further needs of a client, in a few words.
    pub(super) fn needs(&self) -> Option<&'static str> {
        match self.chosen.map(|endpoint| endpoint.behaviour.access) {
            Some(Access::Key) => Some("a valid API key (`api_key=…`)"),
            Some(Access::User) => Some("a visitor logged in to Joomla (session cookie)"),
            Some(Access::Free) | None => None,
        }
    }

    /// The step that lists the end-points.
    pub(super) fn step(&self) -> Step {
        let mut all: Vec<_> = self.endpoints.iter().collect();
        // The one that is asked here comes first.
        all.sort_by_key(|endpoint| Some(*endpoint) != self.chosen);
        let lines = all.iter().map(|endpoint| {
            let Behaviour { access, force_ssl, .. } = endpoint.behaviour;
            let access = match access {
                Access::Free => "open to all clients",
                Access::User => "for visitors logged in to Joomla",
                Access::Key => "needs an API key",
            };
            let module =
                if publishes(&endpoint.behaviour) { "" } else { ", without the module `release`" };
            let ssl = if force_ssl { ", https only" } else { "" };
            format!("/{}: {access}{module}{ssl}", endpoint.path)
        });
        let step = match (self.chosen, self.publishes()) {
            (None, _) => Step::refused("end-point", "the site has no end-point to ask")
                .with("publish a menu item of the type jBackend, or name one in `[[endpoints]]`"),
            (Some(_), false) => {
                Step::refused("end-point", "no end-point publishes the module `release`")
                    .with("add it to the menu item's modules in Joomla")
            }
            (Some(_), true) => match self.needs() {
                None => Step::ok("end-point", "an end-point is open to all clients"),
                Some(needs) => Step::ok("end-point", format!("clients need {needs} besides")),
            },
        };
        let lines: Vec<_> = lines.collect();
        let more = lines.len().saturating_sub(MOST_SHOWN);
        let more = (more > 0).then(|| format!("and {more} more"));
        step.with_all(lines.into_iter().take(MOST_SHOWN)).with_all(more)
    }

    /// The request as the service would see it once the client was let in, and its URL.
    pub(super) fn call(&self, sent: &ExplainedRequest<'_>) -> (Call, Option<Url>) {
        let url = self.url(sent);
        let routed = url.as_ref().and_then(|url| self.routed(url, sent));
        let (mut call, url) = match routed {
            Some(call) => (call, url),
            None => (self.made(sent), None),
        };
        // Whether the client gets in is the end-point's step.
        call.behaviour.access = Access::Free;
        (call, url)
    }

    fn routed(&self, url: &Url, sent: &ExplainedRequest<'_>) -> Option<Call> {
        let path = SitePath::parse(url.path.as_bytes()).ok()?;
        let fields = query::parse_query(url.query.as_bytes());
        match route(path, fields, body(sent), self.endpoints) {
            Route::Endpoint(call) if call.endpoint.as_deref() == self.chosen => {
                let wanted = self.made(sent).params;
                let same = ["action", "module", "resource", "id", "email", "key"]
                    .into_iter()
                    .all(|name| call.params.argument(name) == wanted.argument(name));
                same.then_some(*call)
            }
            _ => None,
        }
    }

    /// A request that no URL stands for.
    fn made(&self, sent: &ExplainedRequest<'_>) -> Call {
        let mut fields = Fields::new();
        let resource = sent.method.name();
        let fixed = [
            ("action", action(sent.method)),
            ("module", MODULE),
            ("resource", resource),
            ("id", sent.id),
        ];
        for (name, value) in fixed.into_iter().chain(sent.query.iter().copied()) {
            fields.insert(name.as_bytes(), value.as_bytes().to_vec());
        }
        let behaviour = self.chosen.map(|endpoint| endpoint.behaviour.clone());
        Call {
            endpoint: self.chosen.cloned().map(Arc::new),
            behaviour: behaviour.unwrap_or_default(),
            params: Params { body: body(sent), query: fields, path: Fields::new() },
            user_plugin: self.endpoints.user_plugin(),
        }
    }

    fn url(&self, sent: &ExplainedRequest<'_>) -> Option<Url> {
        let endpoint = self.chosen?;
        let urls = self.endpoints.urls();
        let mut path = String::new();
        for segment in urls.base.split('/').filter(|segment| !segment.is_empty()) {
            path.push('/');
            path.push_str(&percent_encode(segment));
        }
        let (action, resource) = (action(sent.method), sent.method.name());
        let mut pairs = Vec::new();
        if urls.sef {
            let _ = write!(path, "/{}/{action}/{MODULE}/{resource}", urls.path_of(endpoint));
            if urls.carries(sent.id) {
                path.push('/');
                path.push_str(&percent_encode(sent.id));
            } else {
                pairs.push(("id", sent.id));
            }
        } else {
            path.push_str("/index.php");
            pairs.extend([("option", "com_jbackend"), ("view", "request")]);
            pairs.extend([("action", action), ("module", MODULE), ("resource", resource)]);
            pairs.push(("id", sent.id));
        }
        pairs.extend(sent.query.iter().copied());
        let item = if urls.sef { None } else { Some(endpoint.item?.to_string()) };
        let item = item.as_deref().map(|item| ("Itemid", item));
        let query = |hidden: bool| {
            let pairs = item.iter().chain(&pairs).map(|(name, value)| match *name {
                "key" if hidden => "key=…".to_owned(),
                _ => format!("{name}={}", percent_encode(value)),
            });
            pairs.collect::<Vec<_>>().join("&")
        };
        let (shown, query) = (query(true), query(false));
        let mark = if shown.is_empty() { "" } else { "?" };
        Some(Url { shown: format!("{}{path}{mark}{shown}", self.origin), path, query })
    }
}

/// The URL of a request.
pub(super) struct Url {
    path: String,
    query: String,
    /// To be shown: whole, without the key.
    pub(super) shown: String,
}

fn publishes(behaviour: &Behaviour) -> bool {
    behaviour.modules.publish(MODULE.as_bytes())
}

fn body(sent: &ExplainedRequest<'_>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in &sent.body {
        fields.insert(name.as_bytes(), value.as_bytes().to_vec());
    }
    fields
}

/// The action that clients mostly use.
fn action(method: Method) -> &'static str {
    if method == Method::Download { "get" } else { "post" }
}
