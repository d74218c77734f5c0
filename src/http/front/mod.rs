//! The front: the parts that answer requests, as of one configuration.
//!
//! `service` makes it; [`current`] holds the one in force. `handle` is the way of a request. The site
//! behind the bridge is a trait here: `proxy`, which implements it, has the front at hand for the
//! answers of shadow mode. Must not import: `proxy`, `admin`.

pub mod current;
mod handle;
mod turned_away;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::http::body::{Bodies, BodyError, RawBody};
use crate::http::connection::shares::Shares;
use crate::http::counts::HttpCounts;
use crate::http::download::budget::Budget;
use crate::http::download::offload::Offload;
use crate::http::force_ssl::ForceSsl;
use crate::http::head::Head;
use crate::http::peer::Proxies;
use crate::http::reply::Refusals;
use crate::http::response::Response;
use crate::jbackend::core::Core;
use crate::jbackend::route::Call;
use crate::limits::ClientAddress;
use crate::site::SiteView;
use crate::site::endpoint::Endpoints;
use crate::site::target::SitePath;
use crate::updates::publication::Publication;

/// The parts that answer requests, as of one configuration.
pub struct Front {
    /// The jBackend core and its module.
    pub core: Core,
    /// When a request by http is redirected to https.
    pub force_ssl: ForceSsl,
    /// The proxies whose forwarding headers are believed.
    pub proxies: Proxies,
    /// The form of refusals.
    pub refusals: Refusals,
    /// The limits of bodies.
    pub bodies: Bodies,
    /// The API key may stand in the header `Authorization`, as in jBackend 3.
    pub key_in_header: bool,
    /// The memory that all downloads share.
    pub budget: Arc<Budget>,
    /// The web server in front that sends the files.
    pub offload: Option<Offload>,
    /// The site behind the bridge, if there is one.
    pub fallback: Option<Arc<dyn SiteBehind>>,
    /// The update XML, unless it is switched off.
    pub updates: Option<Arc<Publication>>,
    /// Secret for the hash of the customer in the log.
    pub email_hash_key: Option<SecretString>,
    /// How old the settings may be before the service no longer counts as ready.
    pub stale_after: Duration,
    /// Mails that may wait to be sent after their answer, all together.
    pub mail_places: usize,
    /// The requests that each address behind a proxy has under way.
    pub shares: Arc<Shares>,
    /// The counters of requests.
    pub counts: Arc<HttpCounts>,
}

impl Front {
    /// Counts the mails that wait to be sent after their answer.
    #[must_use]
    pub fn mails_waiting(&self) -> usize {
        self.mail_places.saturating_sub(self.core.release.mails_waiting.available_permits())
    }
}

/// The site behind the bridge.
pub trait SiteBehind: Send + Sync {
    /// Does PHP answer downloads? Then it answers for their update XML, too.
    fn answers_downloads(&self) -> bool;

    /// Decides by path, query and, if it can matter, the start of the body. Only the release
    /// module's requests are for the bridge. PHP checks, counts and traces all others itself.
    ///
    /// # Errors
    /// The start of the body could not be read.
    fn sort<'r>(
        &'r self,
        asked: Unsorted<'r>,
        body: RawBody,
    ) -> BoxFuture<'r, Result<Sorted, BodyError>>;

    /// Hands a request on to the site. In shadow mode, PHP answers an end-point's request too, and
    /// the bridge's own answer is compared with PHP's.
    fn answer<'r>(&'r self, front: &'r Arc<Front>, asked: SiteRequest) -> BoxFuture<'r, Response>;
}

/// A request before its body is read.
pub struct Unsorted<'r> {
    /// Its head.
    pub head: &'r Head,
    /// Its path, parsed.
    pub path: &'r SitePath,
    /// The end-points in force.
    pub endpoints: &'r Endpoints,
    /// The limits of bodies.
    pub bodies: &'r Bodies,
    /// The address that its memory counts for.
    pub address: Option<ClientAddress>,
}

/// A request, sorted by who answers it.
pub enum Sorted {
    /// The bridge answers it. The body is whole.
    Ours(RawBody),
    /// The site answers it. In shadow mode it has a call, whose answer is compared.
    Site(RawBody, Option<Box<Call>>),
}

/// A request for the site.
pub struct SiteRequest {
    /// The view of the site that judges it.
    pub view: Arc<SiteView>,
    /// Its head.
    pub head: Arc<Head>,
    /// Its whole body.
    pub body: RawBody,
    /// The call to compare answers for, in shadow mode.
    pub call: Option<Box<Call>>,
}
