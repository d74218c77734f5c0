//! Figures that are read at each scrape and not counted: ages, queues, pools.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::labels::{Check, FaultLabel, Limited, PackageLabel, Pool, PoolUse};
use super::names::MetricNames;
use crate::http::admin::ready::ReadyReport;
use crate::http::route::Front;
use crate::site::fault::SiteFault;
use crate::updates::documents::Documents;

/// The gauges that are set before each text is made.
#[derive(Debug)]
pub(super) struct StateGauges {
    ready: Family<Check, Gauge>,
    settings_age: Gauge<f64, AtomicU64>,
    settings_current: Gauge,
    site_faults: Family<FaultLabel, Gauge>,
    connections: Family<PoolUse, Gauge>,
    connections_limit: Family<Pool, Gauge>,
    connections_awaited: Family<Pool, Gauge>,
    snapshot_in_use: Gauge,
    snapshot_age: Gauge<f64, AtomicU64>,
    snapshot_max_age: Gauge<f64, AtomicU64>,
    mails_waiting: Gauge,
    limit_entries: Family<Limited, Gauge>,
    limits_unshared: Gauge,
    logins_running: Gauge,
    logins_waiting: Gauge,
    download_memory: Gauge,
    download_memory_limit: Gauge,
    update_packages: Family<PackageLabel, Gauge>,
}

impl StateGauges {
    pub(super) fn new(names: &mut MetricNames<'_>) -> Self {
        Self {
            ready: names.add("ready", "Whether a check of /readyz holds"),
            settings_age: names
                .add("settings_age_seconds", "Time since the settings were read the last time"),
            settings_current: names
                .add("settings_current", "Whether the settings read last are in force"),
            site_faults: names
                .add("site_fault", "Whether a fault of the site turns all clients away"),
            connections: names.add("database_connections", "Connections to the database server"),
            connections_limit: names
                .add("database_connections_limit", "Connections the pool may have"),
            connections_awaited: names
                .add("database_connections_awaited", "Queries that wait for a connection"),
            snapshot_in_use: names
                .add("snapshot_in_use", "Whether the snapshot stands in for the database"),
            snapshot_age: names.add("snapshot_age_seconds", "Age of the database's snapshot"),
            snapshot_max_age: names
                .add("snapshot_max_age_seconds", "Age from which the snapshot answers nothing"),
            mails_waiting: names
                .add("mails_waiting", "Mails that are sent after their request's answer"),
            limit_entries: names
                .add("limit_entries", "Addresses or accounts that have spent some of a limit"),
            limits_unshared: names.add(
                "limits_unshared",
                "Whether limits should be shared and their server does not answer",
            ),
            logins_running: names.add("logins_running", "Passwords that are being checked"),
            logins_waiting: names.add("logins_waiting", "Logins that wait for a processor"),
            download_memory: names
                .add("download_memory_bytes", "Memory the contents of downloads take"),
            download_memory_limit: names
                .add("download_memory_limit_bytes", "Memory the contents of downloads may take"),
            update_packages: names.add("update_packages", "Packages for the update XML"),
        }
    }

    /// Reads the present state.
    pub(super) fn look_at(&self, front: &Front, report: &ReadyReport) {
        for (check, finding) in report.checks() {
            self.ready.get_or_create(&Check { check }).set(i64::from(finding.ok));
        }
        let release = &front.core.release;
        let site = &front.core.site;
        let view = site.view();
        self.settings_age.set(view.age().as_secs_f64());
        self.settings_current.set(i64::from(view.is_current()));
        let faults = SiteFault::of(&view);
        for fault in SiteFault::ALL {
            let gauge = self.site_faults.get_or_create(&FaultLabel { fault: fault.name() });
            gauge.set(i64::from(faults.contains(&fault)));
        }
        let writer = front.core.gate.keys.as_ref().and_then(|tables| tables.pool());
        for (pool, state) in [("reader", view.store.pool()), ("writer", writer)] {
            let Some(pool_state) = state else { continue };
            for (state, count) in [("idle", pool_state.idle), ("busy", pool_state.busy)] {
                self.connections.get_or_create(&PoolUse { pool, state }).set(number(count));
            }
            let pool = Pool { pool };
            self.connections_limit.get_or_create(&pool).set(number(pool_state.limit));
            self.connections_awaited.get_or_create(&pool).set(number(pool_state.awaited));
        }
        let copy = site.copy_state();
        let shown = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64();
        self.snapshot_in_use.set(i64::from(copy.as_ref().is_some_and(|copy| copy.answers)));
        self.snapshot_age.set(shown(copy.as_ref().map(|copy| copy.age)));
        self.snapshot_max_age.set(shown(copy.as_ref().map(|copy| copy.max_age)));
        self.mails_waiting.set(number(front.mails_waiting()));
        for (limit, entries) in release.limits.entries() {
            let gauge = self.limit_entries.get_or_create(&Limited { limit: limit.name() });
            gauge.set(number(entries));
        }
        let is_gone = release.limits.shared.as_ref().is_some_and(|server| !server.is_up());
        self.limits_unshared.set(i64::from(is_gone));
        let logins = release.verifier.load();
        self.logins_running.set(number(logins.running));
        self.logins_waiting.set(number(logins.waiting));
        self.download_memory.set(number(front.budget.in_use()));
        self.download_memory_limit.set(number(front.budget.limit()));
        let documents = front.updates.as_ref().map(|updates| updates.current());
        let documents = documents.as_deref();
        let count = |of: fn(&Documents) -> usize| documents.map_or(0, of);
        for (standing, count) in [
            ("listed", count(|documents| documents.listed)),
            ("left_out", count(|documents| documents.defects)),
            ("awaited", count(|documents| documents.awaited)),
        ] {
            self.update_packages.get_or_create(&PackageLabel { standing }).set(number(count));
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
