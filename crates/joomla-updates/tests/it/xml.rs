//! The text of an update XML and of a collection.

use joomla_updates::collection::{Part, collection};
use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::xml::updates;

use crate::made::entry;

#[test]
fn everything_that_can_stand_in_an_update() {
    let mut full = entry("1.1.0", "[45]");
    full.extension = Extension {
        kind: ExtensionType::Plugin,
        element: "example".into(),
        folder: "system".into(),
        client: Client::Site,
    };
    full.name = "Läb & <b>\"x\"</b> 🔑".into();
    full.description = "one\n\ttwo\u{7}\u{ffff}".into();
    full.php_minimum = Some("8.1".into());
    full.supported_databases =
        [("mysql", "8.0"), ("mariadb", "10.4")].map(|(k, v)| (k.into(), v.into())).into();
    full.download_url = "https://www.example.com/packages?a=1&b=2".into();
    full.info_url = Some("https://www.example.com/?a=1&b=2".into());
    full.changelog_url = Some("https://www.example.com/changes.xml".into());
    full.maintainer = Some("Jane & Co".into());
    full.maintainer_url = Some("https://www.example.com".into());
    full.security = Some("high".parse().unwrap());
    full.section = Some("stable".into());
    insta::assert_snapshot!(updates([&full]));
}

#[test]
fn a_database_is_not_asked_for_where_joomla_3_is_meant() {
    let mut update = entry("1.1.0", "[345]");
    update.supported_databases = [("mysql".into(), "8.0".into())].into();
    assert!(!updates([&update]).contains("supported_databases"));
}

#[test]
fn no_update_is_a_document_too() {
    let nothing = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<updates>\n</updates>\n";
    assert_eq!(updates([]), nothing);
}

#[test]
fn a_collection_holds_the_newest_stable_version_for_each_target_platform() {
    let all = [
        entry("1.0.0", "3"),
        entry("1.1.0", "3"),
        entry("2.0.0", "[45]"),
        entry("2.1.0-beta1", "[45]"),
    ];
    let parts = [Part { url: "https://www.example.com/a.xml?x&y", entries: all.iter().collect() }];
    insta::assert_snapshot!(collection("Example \"Site\"", &parts));
}
