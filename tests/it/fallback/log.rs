//! The log lines of shadow mode, for the test that runs on this thread.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Collects log lines as long as it lives. Each test runs on one thread, and so do all its tasks.
pub(super) struct Log {
    text: Text,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(super) fn start() -> Self {
        crate::common::log::subscribe();
        let text = Text::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(text.clone())
            .with_max_level(tracing::Level::INFO)
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        // Another test's thread may have cached before that no subscriber is interested.
        tracing::callsite::rebuild_interest_cache();
        Self { text, _guard: guard }
    }

    /// Returns all log lines so far.
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.text.0.lock().unwrap().clone()).unwrap()
    }

    /// Lists the differences logged so far, as `resource id php bridge key email`, sorted.
    pub(super) fn differences(&self) -> Vec<String> {
        let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
        let names = ["resource", "id", "php", "bridge", "key", "email"];
        let mut found: Vec<_> = self
            .lines("PHP and the bridge answer differently")
            .iter()
            .map(|line| {
                assert_eq!((line["level"].as_str(), target(line)), (Some("WARN"), SHADOW));
                names.map(|name| text(line, name)).join(" ")
            })
            .collect();
        found.sort();
        found
    }

    /// Returns the latest counts: same, different, dropped, unread.
    pub(super) fn counts(&self) -> [u64; 4] {
        let lines = self.lines("answers compared with PHP's so far");
        let line = lines.last().expect("counts in the log");
        assert_eq!(target(line), SHADOW);
        ["same", "different", "dropped", "unread"].map(|name| line[name].as_u64().unwrap())
    }

    /// Lists the requests logged so far, as `resource code status bytes`.
    pub(super) fn requests(&self) -> Vec<String> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let requests = lines.filter(|line| target(line) == "jbackend_bridge::access");
        requests
            .map(|line: serde_json::Value| {
                let [resource, code] =
                    ["resource", "code"].map(|name| line[name].as_str().unwrap());
                format!("{resource} {code} {} {}", line["status"], line["bytes"])
            })
            .collect()
    }

    fn lines(&self, message: &str) -> Vec<serde_json::Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|line: &serde_json::Value| line["message"] == message).collect()
    }
}

const SHADOW: &str = "jbackend_bridge::shadow";

fn target(line: &serde_json::Value) -> &str {
    line["target"].as_str().unwrap()
}

impl<'a> MakeWriter<'a> for Text {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
