//! The text of `/metrics`: Prometheus' own format, 0.0.4, which all collectors of metrics read.
//!
//! The library writes the format `OpenMetrics`. It differs in the lines that describe a metric:
//! there counters are described without their `_total`, and units and the end have lines of their
//! own.

use std::fmt::Write as _;

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::state::StateGauges;
use super::{Metrics, PREFIX};

/// The content type of [`Metrics::text`].
pub(in crate::admin) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Metrics {
    /// Writes all metrics as text, the present state last.
    ///
    /// # Errors
    /// None in practice: writing to memory does not fail.
    pub(in crate::admin) fn text(&self, state: StateGauges) -> Result<String, std::fmt::Error> {
        self.tasks.count_others();
        let mut open_metrics = String::new();
        encode(&mut open_metrics, &self.registry)?;
        let mut now = Registry::with_prefix(PREFIX);
        now.register_collector(Box::new(state));
        encode(&mut open_metrics, &now)?;
        Ok(prometheus(&open_metrics))
    }
}

fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, kind) = described.split_once(' ').unwrap_or((described, "untyped"));
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                other => ("", other),
            };
            // Writing to memory does not fail.
            let _ = writeln!(text, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
