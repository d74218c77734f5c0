//! Load by wrk, and its results.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};

use crate::process::Process;

/// Walks through the lines of a file, each thread from a place of its own, and prints the results
/// without rounding.
const SCRIPT: &str = r#"
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
local requests, at = {}, 0
function init(arguments)
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format(nil, line)
  end
  at = math.floor(number * #requests / 2)
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("measured %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.bytes, errors, latency:percentile(50), latency:percentile(99)))
end
"#;

/// Requests that are sent over and over.
pub(crate) struct Load {
    script: TempDir,
    targets: NamedTempFile,
    connections: usize,
}

/// The results of one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Answers per second.
    pub(crate) requests: f64,
    /// Bytes per second.
    pub(crate) bytes: f64,
    /// Milliseconds that 99 of 100 answers took at most.
    pub(crate) p99: f64,
    /// The server's seconds of processor time per GB sent.
    pub(crate) cpu_per_gb: f64,
    /// The server's microseconds of processor time per answer.
    pub(crate) cpu_per_request: f64,
}

impl Load {
    /// These targets, in turn, over so many connections.
    pub(crate) fn new(targets: impl IntoIterator<Item = String>, connections: usize) -> Self {
        let script = tempfile::tempdir().unwrap();
        fs::write(script.path().join("load.lua"), SCRIPT).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        for target in targets {
            writeln!(file, "{target}").unwrap();
        }
        Self { script, targets: file, connections }
    }

    /// Puts it on a server. Every answer must be a success.
    pub(crate) fn on(&self, server: &Process, time: Duration) -> Sample {
        let url = format!("http://{}", server.address);
        self.on_url(&url, server, time)
    }

    /// The same, for a server with several addresses.
    pub(crate) fn on_url(&self, url: &str, server: &Process, time: Duration) -> Sample {
        let before = server.cpu_seconds();
        let output = self.command(url, time).output().expect("wrk");
        let cpu = server.cpu_seconds() - before;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find_map(|line| line.strip_prefix("measured "));
        let line = line.unwrap_or_else(|| panic!("wrk: {text}{output:?}"));
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let [requests, micros, bytes, errors, _, p99] = numbers[..] else { panic!("{line}") };
        assert!(errors == 0.0 && bytes > 0.0, "{url} fails: {text}");
        let seconds = micros / 1e6;
        Sample {
            requests: requests / seconds,
            bytes: bytes / seconds,
            p99: p99 / 1e3,
            cpu_per_gb: cpu / (bytes / 1e9),
            cpu_per_request: cpu * 1e6 / requests.max(1.0),
        }
    }

    fn command(&self, url: &str, time: Duration) -> Command {
        let threads = self.connections.min(2);
        let script: &Path = self.script.path();
        let mut command = Command::new("wrk");
        command
            .args(["--timeout", "120s"])
            .arg(format!("--threads={threads}"))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={}", time.as_secs().max(1)))
            .arg("--script")
            .arg(script.join("load.lua"))
            .arg(url)
            .arg("--")
            .arg(self.targets.path());
        command
    }
}
