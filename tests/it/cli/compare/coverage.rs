//! The built-in cases: each method, each code that a client can provoke, each URL form.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jbackend_bridge::jbackend::code as core;
use jbackend_bridge::methods::code as release;
use serde_json::Value;
use testkit::fixture::Schema;

use super::{pair, report, url, values};

/// Codes that no single polite request can provoke.
const OUT_OF_REACH: [(&str, &str); 6] = [
    ("REL_ESM", "a mail server that fails"),
    ("REL_RLE", "a limit of the bridge, not of PHP"),
    ("REL_RGE", "a database or a storage that fails"),
    ("REQ_AKL", "a key used up: it would be used up for its owner"),
    ("REQ_AKG", "a database that fails"),
    ("REQ_UCA", "a site without jBackend's user plugin"),
];

const KEYS: &str = "api_key = 'goodkey'\nexpired_api_key = 'expired'\n";

fn codes(report: &Value) -> BTreeSet<String> {
    let cases = report["cases"].as_array().unwrap().iter();
    cases.map(|case| case["old"]["answer"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_code_that_a_client_can_provoke_is_provoked() {
    let (old, new) = pair(Schema::Joomla5, async |_| {}).await;
    let mut seen = BTreeSet::new();
    for (endpoint, keys) in [("packages", ""), ("apikey", KEYS), ("apiuser", "")] {
        let (_folder, values) = values(keys);
        let (old, new) = (url(&old, endpoint), url(&new, endpoint));
        let (code, report) = report(&old, &new, &values, &["--allow-mails"]).await;
        assert_eq!((code, super::differences(&report).as_str()), (Some(0), ""), "{endpoint}");
        seen.extend(codes(&report));
    }
    let all = release::ALL.iter().chain(core::ALL).map(|code| code.name);
    let wanted: BTreeSet<_> =
        all.filter(|name| !OUT_OF_REACH.iter().any(|(other, _)| other == name)).collect();
    let missing: Vec<_> = wanted.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} of {seen:?}");
    for (name, reason) in OUT_OF_REACH {
        assert!(!seen.contains(name), "{name} can be provoked after all: {reason}");
    }
    // Each site has sent as many mails as the options allow.
    assert_eq!((old.mails().len(), new.mails().len()), (4, 4));
}

#[tokio::test]
async fn the_built_in_cases_and_what_they_are_answered() {
    let (old, new) = pair(Schema::Joomla5, async |_| {}).await;
    let (_folder, values) = values("");
    let (code, report) = report(&url(&old, "packages"), &url(&new, "packages"), &values, &[]).await;
    assert_eq!(code, Some(0));
    let mut lines = String::new();
    for case in report["cases"].as_array().unwrap() {
        let (name, old) = (case["case"].as_str().unwrap(), &case["old"]);
        let answer = old["answer"].as_str().unwrap();
        writeln!(lines, "{name}: {} {answer}", old["status"]).unwrap();
    }
    for left_out in report["left_out"].as_array().unwrap() {
        let text = |name: &str| left_out[name].as_str().unwrap().to_owned();
        writeln!(lines, "left out: {}: {}", text("case"), text("reason")).unwrap();
    }
    insta::assert_snapshot!(lines);
    assert!(old.mails().is_empty() && new.mails().is_empty());
}

#[tokio::test]
async fn a_case_without_its_value_is_counted_as_left_out() {
    let (old, new) = pair(Schema::Sqlite, async |_| {}).await;
    let run =
        super::compare(&url(&old, "packages"), &url(&new, "packages"), &["--package", "gone"])
            .await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(super::neutral(&run.stdout, &old, &new));
}

#[tokio::test]
async fn the_example_of_the_documentation_is_sent() {
    let (old, new) = pair(Schema::Sqlite, async |_| {}).await;
    let (_folder, values) = values("");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/compare-cases.jsonl");
    let more = ["--cases", file];
    let (code, report) =
        report(&url(&old, "packages"), &url(&new, "packages"), &values, &more).await;
    let cases = report["cases"].as_array().unwrap();
    let answers: Vec<_> =
        cases.iter().map(|case| case["new"]["answer"].as_str().unwrap()).collect();
    assert_eq!(code, Some(0));
    assert_eq!(answers, ["REQ_MNS", "ok", "ok", "file", "file", "file", "REL_GNF"]);
    assert_eq!(report["left_out"].as_array().unwrap().len(), 0);
}
