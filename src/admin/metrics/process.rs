//! Metrics of the process, under the names that every Prometheus client library gives them.

use std::fmt::Error;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rustix::time::{ClockId, clock_gettime};

/// Reads the system's figures at each scrape, and leaves out those that it does not get.
#[derive(Debug)]
pub(super) struct Process {
    started: f64,
}

impl Process {
    pub(super) fn starting_now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: now.as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut put = |name: &str, help: &str, metric: &dyn EncodeMetric| {
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
        };
        let cpu = ConstCounter::new(cpu_seconds());
        put("process_cpu_seconds", "Processor time spent, in seconds", &cpu)?;
        let started = ConstGauge::new(self.started);
        put("process_start_time_seconds", "Start, in seconds since 1970", &started)?;
        if let Some(memory) = resident_memory() {
            let memory = ConstGauge::new(memory);
            put("process_resident_memory_bytes", "Memory in use, in bytes", &memory)?;
        }
        if let Some(open) = open_files() {
            put("process_open_fds", "Open file descriptors", &ConstGauge::new(open))?;
        }
        if let Some(most) = most_files() {
            let most = ConstGauge::new(most);
            put("process_max_fds", "File descriptors that may be open", &most)?;
        }
        Ok(())
    }
}

fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let whole = u64::try_from(spent.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(spent.tv_nsec).unwrap_or(0);
    std::time::Duration::new(whole, nanos).as_secs_f64()
}

fn resident_memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn open_files() -> Option<i64> {
    // One of them is the folder that is read here.
    let open = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    i64::try_from(open).ok()
}

fn most_files() -> Option<i64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
