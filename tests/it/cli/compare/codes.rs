//! `[release.error_codes]`: an old side with renamed codes, and the lines that `compare` prints.

use std::collections::BTreeMap;

use figment::providers::Format;
use jbackend_bridge::config::values::CodeName;
use testkit::fixture::Schema;

use super::fake::{ENDPOINT, Fake, json};
use super::{compare, masked, pair, report, url, values};
use crate::common::site::{Server, Site};

fn renamed(codes: &[(&str, Option<&str>, Option<&str>)]) -> BTreeMap<String, CodeName> {
    let name = |text: Option<&str>| text.map(str::to_owned);
    let code = |(usual, code, text): &(&str, Option<&str>, Option<&str>)| {
        ((*usual).to_owned(), CodeName { code: name(*code), text: name(*text) })
    };
    codes.iter().map(code).collect()
}

async fn site(error_codes: BTreeMap<String, CodeName>) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.error_codes = error_codes;
    site.serve().await
}

/// Reads the lines below `[release.error_codes]` as TOML, with the configuration's own types.
fn printed(text: &str) -> BTreeMap<String, CodeName> {
    let (_, lines) = text.split_once("[release.error_codes]\n").unwrap();
    let lines = lines.split("\n\n").next().unwrap();
    let figment = figment::Figment::from(figment::providers::Toml::string(lines));
    figment.extract().unwrap()
}

#[tokio::test]
async fn the_lines_make_the_sides_equal() {
    let names = renamed(&[
        ("REL_KNV", Some("REL_\"KEY\\"), Some("The key is \"wrong\" \\ é")),
        ("REL_UNF", Some("REL_USR"), None),
        // Two refusals get the same code.
        ("REL_UNE", Some("REL_USR"), None),
        ("REL_ENS", None, Some("No e-mail")),
        ("REL_GNF", Some("REL_GROUP"), Some("Unknown group")),
        ("REQ_MNF", Some("REQ_MOD"), None),
    ]);
    let old = site(names).await;
    let new = site(BTreeMap::new()).await;
    let (_folder, file) = values("");
    let with = ["--values", file.to_str().unwrap()];
    let run = compare(&url(&old, "packages"), &url(&new, "packages"), &with).await;
    masked(&run);
    assert_eq!(run.code, Some(1));
    let lines = printed(&run.stdout);
    assert_eq!(lines.len(), 6, "{}", run.stdout);
    let new = site(lines).await;
    let run = compare(&url(&old, "packages"), &url(&new, "packages"), &with).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(!run.stdout.contains("error_codes"), "{}", run.stdout);
    insta::assert_snapshot!(said(&old, with[1]).await, @r#"
    REL_ENS = { text = "No e-mail" }
    REL_GNF = { code = "REL_GROUP", text = "Unknown group" }
    REL_KNV = { code = "REL_\"KEY\\", text = "The key is \"wrong\" \\ é" }
    REL_UNE = { code = "REL_USR" }
    REL_UNF = { code = "REL_USR" }
    REQ_MNF = { code = "REQ_MOD" }
    "#);
}

/// Compares with a bridge of the usual codes and returns the lines of the JSON report.
async fn said(old: &Server, values: &str) -> String {
    let new = site(BTreeMap::new()).await;
    let (_, report) =
        report(&url(old, "packages"), &url(&new, "packages"), values.as_ref(), &[]).await;
    let lines = report["error_codes"].as_array().unwrap();
    lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn another_decision_is_no_other_name() {
    // The sides have different user groups and keys, but the same codes.
    let (old, new) = pair(Schema::Sqlite, async |site| {
        site.config.license.recipe = Some("md5($group . $email . $hash)".into());
        site.run("DELETE FROM #__user_usergroup_map WHERE group_id = 12").await;
    })
    .await;
    let (_folder, file) = values("");
    let (code, report) = report(&url(&old, "packages"), &url(&new, "packages"), &file, &[]).await;
    assert_eq!(code, Some(1));
    assert_eq!(report["error_codes"].as_array().unwrap().len(), 0, "{:#}", report["error_codes"]);
}

#[tokio::test]
async fn names_are_told_beside_another_decision() {
    let old = site(renamed(&[("REL_KNV", Some("REL_KEY"), None)])).await;
    let mut other = Site::new(Schema::Sqlite).await;
    other.config.license.recipe = Some("md5($group . $email . $hash)".into());
    let new = other.serve().await;
    let (_folder, file) = values("");
    let (_, report) = report(&url(&old, "packages"), &url(&new, "packages"), &file, &[]).await;
    assert_eq!(report["error_codes"].as_array().unwrap(), &["REL_KNV = { code = \"REL_KEY\" }"]);
}

/// Starts a side that refuses unknown names with one answer, and all else with another.
async fn refusing(first: &'static str, second: &'static str) -> Fake {
    Fake::start(move |number, head| {
        let other = head.contains("jbackend-bridge-compare-unknown");
        match (number, other) {
            (0, _) => json(ENDPOINT),
            (_, false) => json(first),
            (_, true) => json(second),
        }
    })
    .await
}

#[tokio::test]
async fn two_names_for_one_and_texts_with_addresses_are_not_told() {
    let knv = r#"{"status":"ko","error_code":"REL_KNV","error_description":"Key not valid"}"#;
    let one = r#"{"status":"ko","error_code":"REL_ONE","error_description":"No"}"#;
    let two = r#"{"status":"ko","error_code":"REL_TWO","error_description":"No"}"#;
    let address = r#"{"status":"ko","error_code":"REL_ONE","error_description":"No bob@b.test"}"#;
    for (old, lines) in [
        ((one, two), None),
        ((one, one), Some("REL_KNV = { code = \"REL_ONE\", text = \"No\" }")),
        ((address, address), Some("REL_KNV = { code = \"REL_ONE\" }")),
        ((address, one), Some("REL_KNV = { code = \"REL_ONE\" }")),
    ] {
        let (old, new) = (refusing(old.0, old.1).await, refusing(knv, knv).await);
        let run = compare(&old.url, &new.url, &["--json"]).await;
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let found = report["error_codes"].as_array().unwrap();
        let found: Vec<_> = found.iter().map(|line| line.as_str().unwrap()).collect();
        assert_eq!(found, lines.into_iter().collect::<Vec<_>>());
    }
}
