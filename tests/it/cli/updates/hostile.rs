//! Manifests that were made to do harm.

use testkit::fixture::Schema;

use super::{PUBLIC_URL, archive, package, put, run, updates};
use crate::common::site::Site;

/// Makes settings with one free package, `a`.
fn settings() -> String {
    format!("{PUBLIC_URL}[release]\nfolder = \"files\"\npackages = [\"a;a.zip\"]\n")
}

/// Control characters beyond ASCII are commands to a terminal too, and marks of the writing
/// direction make a line read as another one.
#[tokio::test]
async fn regression_no_manifest_steers_a_terminal() {
    let site = Site::new(Schema::Sqlite).await;
    put(&site, "a.zip", &package("one", "1.0\u{9b}2J\u{202e}\u{7f}x", "5"));
    for arguments in [&[][..], &["--json"], &["pkg_one"], &["--collection"]] {
        let run = run(updates(&site, &settings(), arguments)).await;
        let shown = run.stdout + &run.stderr;
        assert!(shown.contains("2J"), "{arguments:?}: {shown}");
        let harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!shown.contains(harmful), "{arguments:?}: {shown:?}");
        if arguments == ["--json"] {
            let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(json["packages"][0]["version"], "1.0\u{9b}2J\u{202e}\u{7f}x");
        }
    }
}

/// The layout of a table with a version of 800,000 characters would take minutes.
#[tokio::test]
async fn regression_a_version_without_end_is_refused() {
    let site = Site::new(Schema::Sqlite).await;
    let long = "1".repeat(800_000);
    for (element, version, what) in [("one", &*long, "version"), (&*long, "1", "element")] {
        let manifest = format!(
            "<extension type=\"package\"><packagename>{element}</packagename>\
             <version>{version}</version></extension>"
        );
        put(&site, "a.zip", &archive(&[("x.xml", &manifest)]));
        let run = run(updates(&site, &settings(), &[])).await;
        let reason = format!("its {what} is longer than 255 characters");
        assert!(run.code == Some(1) && run.stdout.contains(&reason), "{}", run.stdout);
        assert!(run.stdout.len() < 2000, "{}", run.stdout);
    }
}
