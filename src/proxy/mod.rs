//! A streaming reverse proxy to the site's web server, for all requests that the bridge does not
//! answer itself.
//!
//! The way of a request: `prefix` reads the start of forms that may be for the bridge, and
//! `Fallback::sort` decides. A request that is not for the release module goes on through
//! `forward`: [`package_files`] and `target` decide if it may pass, and with which path; `request`
//! and `answer` change the headers, one for each direction; `idle` carries the bodies both ways.
//! [`shadow`] compares PHP's answers with the bridge's. `docs/fallback.md` is for the operator.

mod answer;
mod forward;
mod idle;
pub mod package_files;
mod prefix;
mod request;
pub mod shadow;
mod target;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use php_compat::query;

use self::package_files::PackageFiles;
use self::prefix::Looked;
use self::shadow::Shadow;
use crate::config::values::Upstream;
use crate::http::body::{BodyError, RawBody};
use crate::http::front::{Front, SiteBehind, SiteRequest, Sorted, Unsorted};
use crate::http::response::Response;
use crate::jbackend::core;
use crate::jbackend::route::{self, Route};

type SiteClient = Client<HttpConnector, UnsyncBoxBody<Bytes, std::io::Error>>;

/// Idle connections kept to the site.
const IDLE_CONNECTIONS: usize = 32;
/// How long an idle connection is kept. Apache closes its own after 5 seconds: a request on a
/// connection that closes at that moment would fail.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// Where the site is, and which requests and headers pass.
pub struct Options {
    /// The site's web server.
    pub upstream: Upstream,
    /// Time to connect to the site.
    pub connect_timeout: Duration,
    /// Time without a byte in either direction.
    pub idle_timeout: Duration,
    /// Recognises package files by the site's folder and base path; `None` lets them pass.
    pub package_files: Option<PackageFiles>,
    /// Whether offload headers in the site's answers reach the client.
    pub pass_offload_headers: bool,
    /// The host for a request that names none.
    pub default_host: Option<String>,
    /// The resources that PHP still answers.
    pub shadow: Shadow,
}

/// The site behind the bridge.
pub struct Fallback {
    options: Options,
    /// An id in every request that goes out. A request that comes in with it goes in circles.
    id: String,
    /// The client for requests that may be sent twice: it keeps connections.
    pooled: SiteClient,
    /// The client for all others: each request has a new connection, so the site cannot have closed
    /// it meanwhile.
    single: SiteClient,
    down: AtomicBool,
}

impl Fallback {
    /// Makes the clients; they connect with the first request.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let client = |idle: usize| {
            let mut connector = HttpConnector::new();
            connector.set_connect_timeout(Some(options.connect_timeout));
            connector.set_nodelay(true);
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_FOR)
                .pool_max_idle_per_host(idle)
                .set_host(false)
                .build(connector)
        };
        Self {
            id: format!("jbackend-bridge-{:016x}", RandomState::new().hash_one(std::process::id())),
            pooled: client(IDLE_CONNECTIONS),
            single: client(0),
            down: AtomicBool::new(false),
            options,
        }
    }

    /// Returns the shadow mode: which resources PHP still answers.
    #[must_use]
    pub fn shadow(&self) -> &Shadow {
        &self.options.shadow
    }
}

impl SiteBehind for Fallback {
    fn answers_downloads(&self) -> bool {
        self.shadow().covers_downloads()
    }

    fn sort<'r>(
        &'r self,
        asked: Unsorted<'r>,
        body: RawBody,
    ) -> BoxFuture<'r, Result<Sorted, BodyError>> {
        Box::pin(async move {
            let Unsorted { head, path, endpoints, bodies, address } = asked;
            let looked = if route::reads_body(path, endpoints) {
                prefix::look(&head.verb, &head.headers, body, bodies, address).await?
            } else {
                Looked::unread(body)
            };
            let query = query::parse_query(head.query().as_bytes());
            Ok(match route::route(path.clone(), query, looked.fields.clone(), endpoints) {
                Route::Endpoint(call) if core::is_for_release(&call) => {
                    if self.options.shadow.covers(&call) {
                        Sorted::Site(looked.into_counted(), Some(call))
                    } else {
                        Sorted::Ours(looked.into_whole())
                    }
                }
                Route::Endpoint(_) | Route::Site => Sorted::Site(looked.into_counted(), None),
            })
        })
    }

    fn answer<'r>(&'r self, front: &'r Arc<Front>, asked: SiteRequest) -> BoxFuture<'r, Response> {
        Box::pin(async move {
            let SiteRequest { view, head, body, call } = asked;
            match self.prepare(&head, &front.proxies, Arc::clone(&view.settings)).await {
                Err(refusal) => refusal.page(),
                Ok(request) => {
                    let watch =
                        call.and_then(|call| self.shadow().watch(front, &view, &head, call));
                    let reply = self.send(request, body, watch).await;
                    front.counts.site_answered(reply.status().as_u16());
                    reply
                }
            }
        })
    }
}
