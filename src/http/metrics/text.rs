//! The text of `/metrics`: Prometheus' own format, 0.0.4, which everything that collects metrics
//! reads.
//!
//! The library writes the format `OpenMetrics`, which differs in the lines that describe a metric: there
//! counters are described without their `_total`, and units and the end have lines of their own.

use std::fmt::Write as _;

use prometheus_client::encoding::text::encode;

use super::Metrics;

/// What [`Metrics::text`] is.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Metrics {
    /// Everything, as text.
    ///
    /// # Errors
    /// None in practice: memory takes every text.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut open_metrics = String::new();
        encode(&mut open_metrics, &self.registry)?;
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
            // Memory takes every text.
            let _ = writeln!(text, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
