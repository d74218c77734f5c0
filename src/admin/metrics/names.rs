//! Names and registers metrics.

use prometheus_client::registry::{Metric, Registry};

/// The registry, behind methods that name a metric.
pub(super) struct MetricNames<'r>(pub(super) &'r mut Registry);

impl MetricNames<'_> {
    /// Registers a metric that begins at zero.
    pub(super) fn add<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        self.put(name, help, M::default())
    }

    pub(super) fn put<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }
}
