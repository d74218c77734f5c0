//! Counts connections and requests while the service runs.
//!
//! `service` makes one [`HttpCounts`] for the process. It outlives every reload, so that no counter
//! goes back. Requests are counted when their log line is written, all else when it happens. No
//! label holds a text that a client can make up. `admin` gives the counters their names and tells
//! them. Must not import: `admin`, `proxy`.

pub mod labels;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use self::labels::{
    Answered, CodeLabel, Compared, Comparison, Download, DownloadEnd, Package, Resource, SiteAnswer,
};
use crate::http::update_xml::RESOURCE as UPDATES;
use crate::jbackend;
use crate::methods::{Method, code};
use crate::supervise::Tasks;

/// Packages counted by their ids; further ones count as [`OTHER_PACKAGES`]. A catalog has some
/// dozen, but one that changes for months must not fill the memory of the metrics' collector.
const MOST_PACKAGES: usize = 1000;

/// Stands for the packages beyond [`MOST_PACKAGES`].
const OTHER_PACKAGES: &str = "(other)";

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The counters of connections and requests.
#[derive(Debug)]
pub struct HttpCounts {
    pub(crate) requests: Family<Answered, Counter>,
    pub(crate) durations: Family<Resource, Histogram, fn() -> Histogram>,
    pub(crate) downloads: Family<Download, Counter>,
    pub(crate) download_bytes: Family<Package, Counter>,
    packages: AtomicUsize,
    pub(crate) site: Family<SiteAnswer, Counter>,
    pub(crate) shadow: Family<Compared, Counter>,
    /// Clients' connections.
    pub connections: Connections,
    /// Answers given while the standby copy stood in for the database.
    pub snapshot_answers: Counter,
    /// The tasks beside requests, and their panics.
    pub tasks: Tasks,
}

/// Connections of clients, counted by the accept loop.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    /// Connections that are open.
    pub open: Gauge,
    /// Connections that may be open at the same time.
    pub limit: Gauge,
    /// All connections so far.
    pub accepted: Counter,
    /// Connections that rested and were closed to make room.
    pub displaced: Counter,
    /// Connections beyond an address's share, and requests beyond it that came through a proxy.
    pub refused: Counter,
}

impl Default for HttpCounts {
    fn default() -> Self {
        let new_histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let counts = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(new_histogram),
            downloads: Family::default(),
            download_bytes: Family::default(),
            packages: AtomicUsize::new(0),
            site: Family::default(),
            shadow: Family::default(),
            connections: Connections::default(),
            snapshot_answers: Counter::default(),
            tasks: Tasks::default(),
        };
        counts.begin_at_zero();
        counts
    }
}

impl HttpCounts {
    /// Makes the counters of failures appear at zero: a counter that appears with its first failure
    /// hides that failure from `increase()`.
    fn begin_at_zero(&self) {
        let watched = ["ok", code::GENERIC_ERROR.name];
        for method in Method::ALL {
            let resource = method.name();
            for code in watched {
                drop(
                    self.requests
                        .get_or_create(&Answered { resource, code: CodeLabel::Named(code) }),
                );
            }
            drop(self.durations.get_or_create(&Resource { resource }));
        }
        for code in [200, 304, 404, 503].map(CodeLabel::Http) {
            drop(self.requests.get_or_create(&Answered { resource: UPDATES, code }));
        }
        for (resource, code) in
            [(Method::KeyByEmail.name(), code::MAIL_FAILED), ("-", jbackend::code::API_KEY_ERROR)]
        {
            let code = CodeLabel::Named(code.name);
            drop(self.requests.get_or_create(&Answered { resource, code }));
        }
    }

    /// Measures the time until the head of an answer.
    pub fn answered(&self, resource: &'static str, after: Duration) {
        self.durations.get_or_create(&Resource { resource }).observe(after.as_secs_f64());
    }

    /// Counts a request that is over. `code` is `-` if it came to no end-point.
    pub fn finished(&self, resource: &'static str, code: &'static str, status: u16) {
        let code = if code == "-" { CodeLabel::of_status(status) } else { CodeLabel::Named(code) };
        self.requests.get_or_create(&Answered { resource, code }).inc();
    }

    /// Counts a download that is over. `package` is an id of the catalog.
    pub fn downloaded(&self, package: &str, bytes: u64, result: DownloadEnd) {
        let known = Package { package: package.to_owned() };
        let is_new = self.download_bytes.get(&known).is_none();
        let package = if is_new && self.packages.fetch_add(1, Ordering::Relaxed) >= MOST_PACKAGES {
            Package { package: OTHER_PACKAGES.to_owned() }
        } else {
            known
        };
        self.download_bytes.get_or_create(&package).inc_by(bytes);
        let Package { package } = package;
        if is_new {
            // Let both ends begin at zero.
            for result in [DownloadEnd::Complete, DownloadEnd::CutOff] {
                let package = package.clone();
                drop(self.downloads.get_or_create(&Download { package, result }));
            }
        }
        self.downloads.get_or_create(&Download { package, result }).inc();
    }

    /// Counts an answer of the site behind the bridge, or of the bridge in its place.
    pub fn site_answered(&self, status: u16) {
        self.site.get_or_create(&SiteAnswer { code: CodeLabel::of_status(status) }).inc();
    }

    /// Counts a request of shadow mode that is over. `resource` is `-` if there was none.
    pub fn compared(&self, resource: &'static str, result: Comparison) {
        self.shadow.get_or_create(&Compared { resource, result }).inc();
    }
}
