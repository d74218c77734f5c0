//! One difference is planted on one side: `compare` finds it and no other.

use jbackend_bridge::config::values::HttpStatus;
use testkit::fixture::Schema;

use super::{compare, differences, masked, neutral, pair, report, url, values};
use crate::common::site::{Server, Site};

/// Lists all differences of a comparison, whose exit code must be 1.
async fn found(old: &Server, new: &Server, endpoint: &str) -> String {
    let (_folder, values) = values("");
    let (code, report) = report(&url(old, endpoint), &url(new, endpoint), &values, &[]).await;
    assert_eq!(code, Some(1), "{report:#}");
    let notes: Vec<_> = report["cases"].as_array().unwrap().iter().collect();
    let mut hints: Vec<_> = notes
        .iter()
        .flat_map(|case| case["differences"].as_array().unwrap())
        .filter_map(|one| one["hint"].as_str())
        .collect();
    hints.sort_unstable();
    hints.dedup();
    format!("{}\nhints: {hints:#?}", differences(&report))
}

/// Replaces a part of the plugin's settings.
async fn settings(site: &Site, from: &str, to: &str) {
    let statement = format!(
        "UPDATE #__extensions SET params = REPLACE(params, '{from}', '{to}') WHERE element = 'release'"
    );
    site.run(&statement).await;
}

#[tokio::test]
async fn another_package_file_of_the_same_length() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        let file = site.packages().join("public/joomla/redj/ReDJ1.9.0Community_J3.zip");
        std::fs::write(file, b"PK\x03\x04 THE free package").unwrap();
    })
    .await;
    insta::assert_snapshot!(found(&old, &new, "packages").await);
}

#[tokio::test]
async fn another_settings_line() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        settings(site, "redj_enterprise;11,12;", "redj_enterprise;11,2;").await;
    })
    .await;
    insta::assert_snapshot!(found(&old, &new, "packages").await);
}

#[tokio::test]
async fn another_recipe() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        site.config.license.recipe = Some("md5($group . $email . $hash)".into());
    })
    .await;
    insta::assert_snapshot!(found(&old, &new, "packages").await);
}

#[tokio::test]
async fn another_status_for_refusals() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        site.config.release.http_status = HttpStatus::JoomlaUpdater;
    })
    .await;
    insta::assert_snapshot!(found(&old, &new, "packages").await);
}

#[tokio::test]
async fn another_header() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        let off = "UPDATE #__menu SET params = REPLACE(params, '\"enable_cors\":\"1\"', \
                   '\"enable_cors\":\"0\"') WHERE path = 'cors'";
        site.run(off).await;
    })
    .await;
    let (_folder, values) = values("");
    let (code, report) = report(&url(&old, "cors"), &url(&new, "cors"), &values, &[]).await;
    assert_eq!(code, Some(1));
    // Every JSON answer has the header, and only the header differs.
    for case in report["cases"].as_array().unwrap() {
        let all = case["differences"].as_array().unwrap();
        for one in all.iter().filter(|one| one["matters"] == true) {
            assert_eq!(one["what"], "header", "{case:#}");
            assert_eq!(one["old"], "access-control-allow-origin: *", "{case:#}");
            assert_eq!(one["new"], "no access-control-allow-origin", "{case:#}");
        }
        let name = case["case"].as_str().unwrap();
        if name.starts_with("validate") || name.starts_with("core") {
            assert_eq!(case["outcome"], "different", "{case:#}");
        }
    }
}

#[tokio::test]
async fn an_end_point_that_is_missing() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        site.run("UPDATE #__menu SET published = 0 WHERE path = 'packages'").await;
    })
    .await;
    let (_folder, values) = values("");
    let values = values.to_str().unwrap();
    let run = compare(&url(&old, "packages"), &url(&new, "packages"), &["--values", values]).await;
    masked(&run);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!(neutral(&run.stdout, &old, &new));
}

#[tokio::test]
async fn text_for_people_groups_by_kind() {
    let (old, new) = pair(Schema::Sqlite, async |site| {
        site.config.license.recipe = Some("md5($group . $email . $hash)".into());
        site.config.release.http_status = HttpStatus::JoomlaUpdater;
    })
    .await;
    let (_folder, values) = values("");
    let values = values.to_str().unwrap();
    let urls = (url(&old, "packages"), url(&new, "packages"));
    let run = compare(&urls.0, &urls.1, &["--values", values]).await;
    masked(&run);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!(neutral(&run.stdout, &old, &new));
}
