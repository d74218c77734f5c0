//! The text of `/metrics`: Prometheus' own format, 0.0.4, which all collectors of metrics read.
//!
//! The library writes the format `OpenMetrics`. It differs in the lines that describe a metric:
//! there counters are described without their `_total`, and units and the end have lines of their
//! own.

use std::fmt::Write as _;

use prometheus_client::encoding::text::encode;

use super::Metrics;

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

impl Metrics {
    /// Writes all metrics as text.
    ///
    /// # Errors
    /// None in practice: writing to memory does not fail.
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
            // Writing to memory does not fail.
            let _ = writeln!(text, "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
