//! Gauges of state that is not counted: ages, queues, pools. They are read when a client asks for
//! the metrics.

use std::fmt::{self, Error};
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, EncodeMetric, MetricEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::admin::health::Health;
use crate::admin::ready::ReadyReport;
use crate::site::fault::SiteFault;

/// The state of the service, as gauges.
pub(in crate::admin) struct StateGauges {
    /// The answer of `/readyz`.
    pub(in crate::admin) report: Arc<ReadyReport>,
    /// `None` once the service has answered its last request.
    pub(in crate::admin) health: Option<Health>,
}

impl fmt::Debug for StateGauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateGauges").field("report", &self.report).finish_non_exhaustive()
    }
}

impl Collector for StateGauges {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut gauges = GaugeEncoder(encoder);
        let checks = self.report.checks();
        let checks = checks.map(|(check, finding)| ([("check", check)], usize::from(finding.ok)));
        gauges.each("ready", "Whether a check of /readyz holds", checks)?;
        let Some(health) = &self.health else { return Ok(()) };
        gauges.of_site(health)?;
        gauges.of_pools(health)?;
        gauges.of_copy(health)?;
        gauges.of_requests(health)?;
        let packages = health.packages;
        let packages = [
            ("listed", packages.listed),
            ("left_out", packages.left_out),
            ("awaited", packages.awaited),
        ];
        let packages = packages.map(|(standing, count)| ([("standing", standing)], count));
        gauges.each("update_packages", "Packages for the update XML", packages)
    }
}

struct GaugeEncoder<'e>(DescriptorEncoder<'e>);

impl GaugeEncoder<'_> {
    fn of_site(&mut self, health: &Health) -> Result<(), Error> {
        let view = health.site.view();
        self.one(
            "settings_age_seconds",
            "Time since the settings were read the last time",
            view.age().as_secs_f64(),
        )?;
        self.one(
            "settings_current",
            "Whether the settings read last are in force",
            i64::from(view.is_current()),
        )?;
        let found = SiteFault::of(&view);
        let faults = SiteFault::ALL
            .map(|fault| ([("fault", fault.name())], usize::from(found.contains(&fault))));
        self.each("site_fault", "Whether a fault of the site turns all clients away", faults)
    }

    fn of_pools(&mut self, health: &Health) -> Result<(), Error> {
        let reader = health.site.view().store.pool();
        let pools: Vec<_> = [("reader", reader), ("writer", health.writer)]
            .into_iter()
            .filter_map(|(name, pool)| Some((name, pool?)))
            .collect();
        let connections = pools.iter().flat_map(|(name, pool)| {
            [("idle", pool.idle), ("busy", pool.busy)]
                .map(|(state, count)| ([("pool", *name), ("state", state)], count))
        });
        self.each("database_connections", "Connections to the database server", connections)?;
        self.each(
            "database_connections_limit",
            "Connections the pool may have",
            pools.iter().map(|(name, pool)| ([("pool", *name)], pool.limit)),
        )?;
        self.each(
            "database_connections_awaited",
            "Queries that wait for a connection",
            pools.iter().map(|(name, pool)| ([("pool", *name)], pool.awaited)),
        )
    }

    fn of_copy(&mut self, health: &Health) -> Result<(), Error> {
        let copy = health.site.copy_state();
        let shown = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64();
        self.one(
            "snapshot_in_use",
            "Whether the snapshot stands in for the database",
            i64::from(copy.as_ref().is_some_and(|copy| copy.answers)),
        )?;
        self.one(
            "snapshot_age_seconds",
            "Age of the database's snapshot",
            shown(copy.as_ref().map(|copy| copy.age)),
        )?;
        self.one(
            "snapshot_max_age_seconds",
            "Age from which the snapshot answers nothing",
            shown(copy.as_ref().map(|copy| copy.max_age)),
        )
    }

    fn of_requests(&mut self, health: &Health) -> Result<(), Error> {
        self.one(
            "mails_waiting",
            "Mails that are sent after their request's answer",
            number(health.mails_waiting),
        )?;
        self.each(
            "limit_entries",
            "Addresses or accounts that have spent some of a limit",
            health.limit_entries.map(|(limit, entries)| ([("limit", limit.name())], entries)),
        )?;
        self.one(
            "limits_unshared",
            "Whether limits should be shared and their server does not answer",
            i64::from(health.limits_unshared),
        )?;
        let (running, waiting) = (health.logins.running, health.logins.waiting);
        self.one("logins_running", "Passwords that are being checked", number(running))?;
        self.one("logins_waiting", "Logins that wait for a processor", number(waiting))?;
        let (used, limit) = health.download_memory;
        self.one("download_memory_bytes", "Memory the contents of downloads take", number(used))?;
        self.one(
            "download_memory_limit_bytes",
            "Memory the contents of downloads may take",
            number(limit),
        )
    }

    fn one<N: EncodeGaugeValue>(&mut self, name: &str, help: &str, value: N) -> Result<(), Error> {
        let metric = self.describe(name, help)?;
        ConstGauge::new(value).encode(metric)
    }

    /// Writes a gauge with a value for each set of labels, if there is any.
    fn each<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, usize)>,
    ) -> Result<(), Error> {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return Ok(());
        }
        let mut metric = self.describe(name, help)?;
        for (labels, value) in values {
            ConstGauge::new(number(value)).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }

    /// Ends the help with a full stop, as the registry does for its metrics.
    fn describe<'s>(&'s mut self, name: &'s str, help: &str) -> Result<MetricEncoder<'s>, Error> {
        self.0.encode_descriptor(name, &format!("{help}."), None, MetricType::Gauge)
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
