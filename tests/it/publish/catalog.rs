//! The catalog in force: the plugin's lines, and the releases beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jbackend_bridge::release::catalog::{Catalog, SettingsText};
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::release::record::{ReleaseRecord, ReleaseState};
use joomla_updates::entry::Checksums;
use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::stability::Stability;
use proptest::prelude::*;

fn record(id: &str, version: &str, state: ReleaseState) -> Arc<ReleaseRecord> {
    Arc::new(ReleaseRecord {
        id: id.into(),
        version: version.into(),
        extension: Extension {
            kind: ExtensionType::Package,
            element: "pkg_shop".into(),
            folder: String::new(),
            client: Client::Site,
        },
        group: None,
        channel: Stability::Stable,
        state,
        file_name: "shop.zip".into(),
        size: 1,
        checksums: Checksums { sha256: "a".repeat(64), ..Checksums::default() },
        signature: None,
        target_platform: None,
        php_minimum: None,
        supported_databases: BTreeMap::new(),
        security: None,
        changelog: None,
        stored_at: 0,
        stored_by: "test".into(),
    })
}

fn catalog(packages: &str, releases: &[Arc<ReleaseRecord>]) -> Catalog {
    let text = SettingsText { packages: packages.into(), ..SettingsText::default() };
    Catalog::with_releases(&text, releases)
}

/// The version of the release that an id serves.
fn served<'c>(catalog: &'c Catalog, id: &str) -> Option<&'c str> {
    Some(catalog.package(id)?.release.as_ref()?.version.as_str())
}

#[test]
fn only_published_and_held_releases_are_served() {
    for state in ReleaseState::ALL {
        let catalog = catalog("", &[record("shop", "1", state)]);
        assert_eq!(served(&catalog, "shop").is_some(), state.is_served(), "{state}");
    }
}

#[test]
fn an_id_serves_its_highest_version() {
    let all: Vec<_> = ["1.9.0", "1.10.0", "1.2.0"]
        .map(|version| record("shop", version, ReleaseState::Published))
        .into();
    assert_eq!(served(&catalog("", &all), "shop"), Some("1.10.0"));
    let withdrawn = record("shop", "2.0.0", ReleaseState::Withdrawn);
    assert_eq!(served(&catalog("", &[all, vec![withdrawn]].concat()), "shop"), Some("1.10.0"));
}

#[test]
fn no_line_replaces_a_signed_release() {
    for (state, is_replaced) in [
        (ReleaseState::Published, false),
        (ReleaseState::Held, false),
        (ReleaseState::Withdrawn, false),
        (ReleaseState::Staged, true),
    ] {
        let mut signed = ReleaseRecord::clone(&record("shop", "1", state));
        signed.signature = Some("untrusted comment: …".into());
        let catalog = catalog("shop;evil.zip\nother;a.zip", &[Arc::new(signed)]);
        let line = catalog.package("shop").filter(|package| package.release.is_none());
        assert_eq!(line.is_some(), is_replaced, "{state}");
        assert!(catalog.package("other").is_some());
        let told = catalog.findings().iter().map(ToString::to_string);
        assert_eq!(
            told.filter(|text| text.contains("signed release")).count(),
            usize::from(!is_replaced)
        );
    }
}

#[test]
fn a_line_comes_before_a_release_and_is_reported() {
    let releases =
        [record("shop", "1", ReleaseState::Published), record("more", "1", ReleaseState::Held)];
    let catalog = catalog("other;a.zip\nshop;b.zip;", &releases);
    assert_eq!(catalog.package("shop").unwrap().path, PackagePath::parse("b.zip"));
    assert_eq!(served(&catalog, "more"), Some("1"));
    let ids: Vec<_> = catalog.packages().iter().map(|package| package.id.as_str()).collect();
    assert_eq!(ids, ["other", "shop", "more"]);
    let findings: Vec<_> = catalog.findings().iter().map(ToString::to_string).collect();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].contains("line 2: package `shop` is a release, too"), "{findings:?}");
}

proptest! {
    /// No text of a settings line names a private copy.
    #[test]
    fn a_line_cannot_name_a_private_copy(text in "[/a-f0-9.]{0,80}|/[a-f0-9]{64}/[a-z]{1,8}") {
        if let Ok(path) = PackagePath::parse(&text) {
            prop_assert_eq!(path.release_sum(), None);
            prop_assert_eq!(PackagePath::stored(path.as_str()), Some(path));
        }
    }

    #[test]
    fn stored_paths_are_read_back(sum in "[a-f0-9]{64}", name in "[a-zA-Z0-9._ -]{1,20}") {
        if let Some(path) = PackagePath::of_release(&sum, &name) {
            prop_assert_eq!(path.release_sum(), Some(sum.as_str()));
            prop_assert_eq!(path.file_name(), name.as_str());
            prop_assert_eq!(PackagePath::stored(path.as_str()), Some(path));
        }
    }

    #[test]
    fn other_texts_are_no_private_copy(sum in "[a-fA-F0-9g]{60,66}", name in "[a-z/\\\\.]{0,6}") {
        let is_sum = sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let path = PackagePath::of_release(&sum, &name);
        prop_assert!(path.is_none() || is_sum && !name.contains(['/', '\\']) && name != "..");
    }
}
