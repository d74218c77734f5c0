//! `compare`: the same requests to two bridges, or to a bridge and another server.

mod codes;
mod coverage;
mod database;
mod fake;
mod faults;
mod inputs;
mod known;
mod planted;
mod polite;
mod rules;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use testkit::fixture::Schema;

use super::{Run, program, run};
use crate::common::site::{ALICE_KEY, Server, Site};

/// The values for the built-in cases, on the recorded site.
const VALUES: &str = "\
package = 'redj_ent_190'
free_package = 'redj_com_190'
missing_package = 'gone'
group = 'redj_enterprise'
email = 'alice@example.test'
key = 'KEY'
blocked_email = 'carol@example.test'
outside_email = 'bob@example.test'
username = 'alice'
password = 'alicepass'
itemid = 201
";

/// Makes a folder with the file of values.
fn values(more: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("values.toml");
    std::fs::write(&file, format!("{}{more}", VALUES.replace("KEY", ALICE_KEY))).unwrap();
    (folder, file)
}

/// Makes the URL of an end-point.
fn url(server: &Server, endpoint: &str) -> String {
    format!("http://{}/{endpoint}", server.client.address)
}

/// Starts two sites with the same rows and files; `change` alters the second one before that.
async fn pair(schema: Schema, change: impl AsyncFnOnce(&mut Site)) -> (Server, Server) {
    let old = Site::new(schema).await.serve().await;
    let mut new = Site::new(schema).await;
    change(&mut new).await;
    (old, new.serve().await)
}

/// Runs a comparison without pauses.
async fn compare(old: &str, new: &str, more: &[&str]) -> Run {
    let arguments = [&["compare", "--old", old, "--new", new, "--rate", "1000"], more].concat();
    run(program(&arguments)).await
}

/// Runs a comparison with a file of values, and reads the JSON report.
async fn report(old: &str, new: &str, values: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let values = values.to_str().unwrap();
    let run = compare(old, new, &[&["--values", values, "--json"], more].concat()).await;
    masked(&run);
    let json = serde_json::from_str(&run.stdout);
    (run.code, json.unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr)))
}

/// Checks that the output holds no key, password or address.
fn masked(run: &Run) {
    for secret in [ALICE_KEY, "alice@", "bob@", "carol@", "alicepass", "goodkey", "expired&"] {
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

/// Lists the differences, one per line: the case, the difference, old and new.
fn differences(report: &Value) -> String {
    let mut lines = Vec::new();
    for case in report["cases"].as_array().unwrap() {
        for one in case["differences"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            lines.push(format!(
                "{} | {} | {} | {}",
                text(&case["case"]),
                text(&one["what"]),
                text(&one["old"]),
                text(&one["new"])
            ));
        }
    }
    lines.join("\n")
}

/// Replaces the ports of this run.
fn neutral(text: &str, old: &Server, new: &Server) -> String {
    text.replace(&old.client.address, "OLD").replace(&new.client.address, "NEW")
}
