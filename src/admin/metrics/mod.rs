//! The metrics: their names, and the counters of events that no other room counts.
//!
//! `service` makes one [`Metrics`] for the process. It outlives every reload, so that no counter
//! goes back. No label holds a text that a client can make up. `state` reads everything that is not
//! counted, at each request for the metrics. `docs/operations.md` explains each metric to the
//! operator; a test compares the two.

pub mod labels;
mod names;
mod process;
pub(super) mod state;
mod text;

pub(super) use self::text::CONTENT_TYPE;

use std::sync::Arc;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use self::labels::{Limited, Mail, MailEnd, Reload, ReloadEnd};
use self::names::MetricNames;
use self::process::Process;
use crate::http::counts::HttpCounts;
use crate::limits::Limit;
use crate::supervise::Tasks;

/// The start of every name except those of the process.
const PREFIX: &str = "jbackend_bridge";

/// All counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// The counters of connections and requests.
    pub http: Arc<HttpCounts>,
    mails: Family<Mail, Counter>,
    limit_refusals: Family<Limited, Counter>,
    reloads: Family<Reload, Counter>,
    last_reload: Gauge,
    /// Trace rows that never reached jBackend's log.
    pub trace_rows_lost: Counter,
    /// Whether there is a ledger and it does not answer.
    pub ledger_failing: Gauge,
    /// Packages that are refused for their signature.
    pub packages_refused: Gauge,
    /// The tasks beside requests, and their panics.
    pub tasks: Tasks,
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
        let http = Arc::<HttpCounts>::default();
        name_connections(&mut own, &http);
        own.put("panics", "Faults of the program that were caught, by task", http.tasks.panics());
        own.put("tasks_failing", "Tasks that do not work since a panic", http.tasks.failing());
        name_requests(&mut own, &http);
        let metrics = Self {
            mails: own.add("mails", "Mails with license keys"),
            limit_refusals: own.add("limit_refusals", "Requests or mails beyond a limit"),
            reloads: own.add("reloads", "Reloads of the configuration"),
            last_reload: own
                .add("last_reload_successful", "Whether the last reload came into force"),
            trace_rows_lost: own
                .add("trace_rows_lost", "Trace rows that never reached jBackend's log"),
            ledger_failing: {
                let answers = http.snapshot_answers.clone();
                own.put(
                    "snapshot_answers",
                    "Answers while the snapshot stood in for the database",
                    answers,
                );
                own.add("ledger_failing", "Whether the ledger does not answer")
            },
            packages_refused: own
                .add("packages_refused", "Packages that are refused for their signature"),
            tasks: http.tasks.clone(),
            http,
            registry,
        };
        metrics.begin_at_zero();
        metrics
    }
}

fn name_connections(own: &mut MetricNames<'_>, http: &HttpCounts) {
    let connections = http.connections.clone();
    own.put("connections", "Connections of clients that are open", connections.open);
    own.put(
        "connections_limit",
        "Connections that may be open at the same time",
        connections.limit,
    );
    own.put("connections_accepted", "Connections of clients so far", connections.accepted);
    own.put(
        "connections_displaced",
        "Idle connections that were closed to make room",
        connections.displaced,
    );
    own.put(
        "connections_refused",
        "Connections, or requests through a proxy, beyond the share of an address",
        connections.refused,
    );
}

fn name_requests(own: &mut MetricNames<'_>, http: &HttpCounts) {
    own.put("requests", "Requests by resource and code", http.requests.clone());
    own.put(
        "request_duration_seconds",
        "Time from the request to the head of its answer",
        http.durations.clone(),
    );
    let downloads = http.downloads.clone();
    own.put("downloads", "Answers with a package file or a part of one", downloads);
    let bytes = http.download_bytes.clone();
    own.put("download_bytes", "Bytes of package files handed to clients", bytes);
    let site = http.site.clone();
    own.put("site_requests", "Requests handed on to the site, by its answer", site);
    let shadow = http.shadow.clone();
    own.put("shadow_answers", "Answers compared with PHP's in shadow mode", shadow);
}

impl Metrics {
    /// Makes the counters appear at zero, as those of HTTP do.
    fn begin_at_zero(&self) {
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
