//! The rest of the site: a streaming reverse proxy to the web server behind the bridge.
//!
//! The way of a request: `prefix` looks into the forms that could be ours and `Fallback::sort`
//! decides; what is not for the release module goes on by `forward`: [`package_files`] and
//! `target` (what may pass, and as what), `request` and `answer` (headers both ways),
//! `idle` (bodies both ways). [`shadow`] compares PHP's answers with ours. `docs/fallback.md`
//! tells the operator.

mod answer;
mod forward;
mod idle;
pub mod package_files;
mod prefix;
mod raw_body;
mod request;
pub mod shadow;
mod target;

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use php_compat::query;

use self::package_files::PackageFiles;
use self::prefix::Looked;
pub use self::raw_body::RawBody;
pub(super) use self::raw_body::raw;
use self::shadow::Shadow;
use super::body::{Bodies, BodyError};
use super::head::Head;
use crate::config::values::Upstream;
use crate::jbackend::core;
use crate::jbackend::route::{self, Call, Route};
use crate::limits::ClientAddress;
use crate::site::endpoint::Endpoints;
use crate::site::target::SitePath;

type SiteClient = Client<HttpConnector, UnsyncBoxBody<Bytes, std::io::Error>>;

/// Idle connections kept to the site.
const IDLE_CONNECTIONS: usize = 32;
/// How long one is kept. Apache closes its own after 5 seconds: one that is closed while a request
/// sets out on it would cost that request.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// How the site is reached, and what passes.
pub struct Options {
    /// Its web server.
    pub upstream: Upstream,
    /// Time for a connection to it.
    pub connect_timeout: Duration,
    /// Time without a byte either way.
    pub idle_timeout: Duration,
    /// The site's folder and base path, to know package files by; `None` lets them pass.
    pub package_files: Option<PackageFiles>,
    /// Offload headers of its answers reach the client.
    pub pass_offload_headers: bool,
    /// The host of a request that names none.
    pub default_host: Option<String>,
    /// Resources that PHP still answers.
    pub shadow: Shadow,
}

/// The site behind the bridge.
pub struct Fallback {
    options: Options,
    /// Named in every request that goes out: one that comes in with it goes in circles.
    id: String,
    /// For requests that may be sent twice: connections are kept.
    pooled: SiteClient,
    /// For all others: each has a connection of its own, which nobody can have closed meanwhile.
    single: SiteClient,
    down: AtomicBool,
}

/// Whose request it is.
pub(super) enum Sorted {
    /// Ours, with its body from the start.
    Ours(RawBody),
    /// The site's; with the call to compare answers for, in shadow mode.
    Site(RawBody, Option<Box<Call>>),
}

impl Fallback {
    /// Nothing is connected before the first request.
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

    /// What PHP still answers.
    #[must_use]
    pub fn shadow(&self) -> &Shadow {
        &self.options.shadow
    }

    /// Decides by path, query and, where it could matter, the start of the body. Everything but
    /// the release module's requests is the site's: PHP checks, counts and traces them itself.
    ///
    /// # Errors
    /// A body that could not be looked into.
    #[expect(clippy::too_many_arguments, reason = "all that is known of a request before its body")]
    pub(super) async fn sort(
        &self,
        head: &Head,
        path: &SitePath,
        endpoints: &Endpoints,
        body: RawBody,
        bodies: &Bodies,
        address: Option<ClientAddress>,
    ) -> Result<Sorted, BodyError> {
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
    }
}
