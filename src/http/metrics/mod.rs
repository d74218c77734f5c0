//! Counts events while the service runs, for `/metrics`.
//!
//! `service` makes one [`Metrics`] for the process. It outlives every reload, so that no counter
//! goes back. Requests are counted when their log line is written, all else when it happens. No
//! label holds a text that a client can make up. `docs/operations.md` explains each metric to the
//! operator; a test compares the two.

pub mod labels;
mod names;
mod process;
mod state;
mod text;

pub use self::text::CONTENT_TYPE;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use self::labels::{
    Answered, CodeLabel, Compared, Comparison, Download, DownloadEnd, Limited, Mail, MailEnd,
    Package, Reload, ReloadEnd, Resource, SiteAnswer,
};
use self::names::MetricNames;
use self::process::Process;
use self::state::StateGauges;
use crate::http::admin::ready::ReadyReport;
use crate::http::route::Front;
use crate::http::update_xml::RESOURCE as UPDATES;
use crate::jbackend;
use crate::limits::Limit;
use crate::methods::{Method, code};
use crate::supervise::Tasks;

/// The start of every name except those of the process.
const PREFIX: &str = "jbackend_bridge";

/// Packages counted by their ids; further ones count as [`OTHER_PACKAGES`]. A catalog has some
/// dozen, but one that changes for months must not fill the memory of the metrics' collector.
const MOST_PACKAGES: usize = 1000;

/// Stands for the packages beyond [`MOST_PACKAGES`].
const OTHER_PACKAGES: &str = "(other)";

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// All counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Resource, Histogram, fn() -> Histogram>,
    downloads: Family<Download, Counter>,
    download_bytes: Family<Package, Counter>,
    packages: AtomicUsize,
    site: Family<SiteAnswer, Counter>,
    shadow: Family<Compared, Counter>,
    mails: Family<Mail, Counter>,
    limit_refusals: Family<Limited, Counter>,
    reloads: Family<Reload, Counter>,
    last_reload: Gauge,
    /// Clients' connections.
    pub connections: Connections,
    /// Trace rows that never reached jBackend's log.
    pub trace_rows_lost: Counter,
    /// Answers given while the standby copy stood in for the database.
    pub snapshot_answers: Counter,
    /// Whether there is a ledger and it does not answer.
    pub ledger_failing: Gauge,
    /// Packages that are refused for their signature.
    pub packages_refused: Gauge,
    /// The tasks beside requests, and their panics.
    pub tasks: Tasks,
    state: StateGauges,
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

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process::starting_now()));
        let mut own = MetricNames(registry.sub_registry_with_prefix(PREFIX));
        let build = Info::new(vec![
            ("version", env!("CARGO_PKG_VERSION")),
            ("commit", env!("BUILT_FROM_COMMIT")),
        ]);
        own.0.register("build", "The program that runs", build);
        let new_histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let durations = Family::new_with_constructor(new_histogram);
        let connections = Connections {
            open: own.add("connections", "Connections of clients that are open"),
            limit: own.add("connections_limit", "Connections that may be open at the same time"),
            accepted: own.add("connections_accepted", "Connections of clients so far"),
            displaced: own
                .add("connections_displaced", "Idle connections that were closed to make room"),
            refused: own.add(
                "connections_refused",
                "Connections, or requests through a proxy, beyond the share of an address",
            ),
        };
        let tasks = Tasks::default();
        own.put("panics", "Faults of the program that were caught, by task", tasks.panics());
        own.put("tasks_failing", "Tasks that do not work since a panic", tasks.failing());
        let metrics = Self {
            requests: own.add("requests", "Requests by resource and code"),
            durations: own.put(
                "request_duration_seconds",
                "Time from the request to the head of its answer",
                durations,
            ),
            downloads: own.add("downloads", "Answers with a package file or a part of one"),
            download_bytes: own.add("download_bytes", "Bytes of package files handed to clients"),
            packages: AtomicUsize::new(0),
            site: own.add("site_requests", "Requests handed on to the site, by its answer"),
            shadow: own.add("shadow_answers", "Answers compared with PHP's in shadow mode"),
            mails: own.add("mails", "Mails with license keys"),
            limit_refusals: own.add("limit_refusals", "Requests or mails beyond a limit"),
            reloads: own.add("reloads", "Reloads of the configuration"),
            last_reload: own
                .add("last_reload_successful", "Whether the last reload came into force"),
            trace_rows_lost: own
                .add("trace_rows_lost", "Trace rows that never reached jBackend's log"),
            snapshot_answers: own
                .add("snapshot_answers", "Answers while the snapshot stood in for the database"),
            ledger_failing: own.add("ledger_failing", "Whether the ledger does not answer"),
            packages_refused: own
                .add("packages_refused", "Packages that are refused for their signature"),
            tasks,
            state: StateGauges::new(&mut own),
            connections,
            registry,
        };
        metrics.begin_at_zero();
        metrics
    }
}

impl Metrics {
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
        for result in [MailEnd::Sent, MailEnd::Failed, MailEnd::GivenUp] {
            drop(self.mails.get_or_create(&Mail { result }));
        }
        for limit in Limit::ALL {
            drop(self.limit_refusals(limit));
        }
        for result in [ReloadEnd::Ok, ReloadEnd::Failed] {
            drop(self.reloads.get_or_create(&Reload { result }));
        }
        self.last_reload.set(1);
    }

    /// Reads the present state.
    pub fn look_at(&self, front: &Front, report: &ReadyReport) {
        self.tasks.count_others();
        self.state.look_at(front, report);
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

    /// Counts a mail that was sent, or will not be.
    pub fn mailed(&self, result: MailEnd) {
        self.mails.get_or_create(&Mail { result }).inc();
    }

    /// Returns the counter of refusals by a limit.
    #[must_use]
    pub fn limit_refusals(&self, limit: Limit) -> Counter {
        self.limit_refusals.get_or_create(&Limited { limit: limit.name() }).clone()
    }

    /// Counts a reload of the configuration.
    pub fn reloaded(&self, result: ReloadEnd) {
        self.reloads.get_or_create(&Reload { result }).inc();
        self.last_reload.set(i64::from(result == ReloadEnd::Ok));
    }
}
