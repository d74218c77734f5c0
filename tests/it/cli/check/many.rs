//! A catalog far larger than any real one.

use std::fmt::Write as _;

use super::{Schema, check, settings, sound};

/// Sorting all packages for each package group would take hours.
#[tokio::test]
async fn regression_package_groups_without_number_are_checked() {
    let site = sound(Schema::Sqlite).await;
    let (mut groups, mut packages) = (String::new(), String::new());
    for number in 0..20_000 {
        writeln!(groups, "g{number};11;HASH{number}").unwrap();
        writeln!(packages, "p{number};/a{number}.zip;g{number}").unwrap();
    }
    let params = serde_json::json!({"folder": "files", "groups": groups, "packages": packages});
    settings(&site, &params.to_string()).await;
    // The run has a limit of one minute.
    let run = check(&site, "", &["--offline"]).await;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("20000 packages (20000 paid), 20000 package groups"));
    assert!(!run.stdout.contains("has no package"));
}

#[tokio::test]
async fn regression_wrong_lines_without_number_do_not_fill_the_report() {
    let site = sound(Schema::Sqlite).await;
    let mut packages = String::new();
    for number in 0..5_000 {
        writeln!(packages, "p{number};../a.zip").unwrap();
    }
    let params = serde_json::json!({"folder": "files", "groups": "", "packages": packages});
    settings(&site, &params.to_string()).await;
    let run = check(&site, "", &["--offline"]).await;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("4980 more findings of this kind are left out"), "{}", run.stdout);
    assert!(run.stdout.len() < 100_000, "{} bytes", run.stdout.len());
}
