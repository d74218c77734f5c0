//! Which version of an extension each site is offered, by the model of Joomla's updater.

use std::fmt::Write as _;

use joomla_updates::collection::{Part, collection};
use joomla_updates::entry::Entry;
use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::xml::updates;

use super::joomla::{Applied, Site, apply, find, find_in_collection};
use super::{checksums, entry};

fn releases() -> Vec<Entry> {
    let mut for_new_php = entry("2.1.0", "[45]");
    for_new_php.php_minimum = Some("8.1".into());
    let mut with_database = entry("3.0.0", "5");
    with_database.supported_databases = [("mariadb".into(), "10.6".into())].into();
    vec![
        entry("1.9.0", "3"),
        entry("1.10.0", r"3\.10"),
        entry("2.0.0", "[45]"),
        for_new_php,
        with_database,
        entry("3.1.0-beta1", "5"),
    ]
}

#[test]
fn each_site_gets_its_newest() {
    let xml = updates(&releases());
    let mut table = String::from("joomla   php     mariadb   wants   installed  offered\n");
    for joomla in ["3.9.28", "3.10.11", "4.4.0", "5.3.2", "6.0.0"] {
        for php in ["7.4.33", "8.2.35"] {
            for mariadb in ["10.3.39", "10.11.19"] {
                for stability in ["stable", "beta"] {
                    for installed in ["1.0.0", "2.1.0"] {
                        let site =
                            Site { php, mariadb, stability, ..Site::with(joomla, installed) };
                        let found = find(&site, &xml);
                        assert!(!found.unparseable && !found.breaks);
                        let offered = found.offered.as_deref().unwrap_or("-");
                        writeln!(table, "{joomla:<8} {php:<7} {mariadb:<9} {stability:<7} {installed:<10} {offered}").unwrap();
                        let Some(version) = found.offered else { continue };
                        // The applied version is the offered one, and its checksum matches.
                        let url = format!(
                            "https://www.example.com/packages/get/release/download/{version}"
                        );
                        let clean = Applied::Installed {
                            url,
                            checksum_failed: false,
                            checksum_missing: false,
                        };
                        assert_eq!(apply(&site, &xml, &checksums()), clean);
                    }
                }
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// Every type of extension is matched with the installed one.
#[test]
fn every_type_is_recognised() {
    let types = [
        (ExtensionType::Component, "com_x", "", Client::Administrator, 1),
        (ExtensionType::Module, "mod_x", "", Client::Site, 0),
        (ExtensionType::Module, "mod_x", "", Client::Administrator, 1),
        (ExtensionType::Plugin, "x", "system", Client::Site, 0),
        (ExtensionType::Template, "x", "", Client::Site, 0),
        (ExtensionType::Library, "x", "", Client::Site, 0),
        (ExtensionType::Language, "de-DE", "", Client::Site, 0),
        (ExtensionType::File, "x", "", Client::Site, 0),
        (ExtensionType::Package, "pkg_x", "", Client::Site, 0),
        (ExtensionType::Module, "mod_x", "", Client::Api, 3),
    ];
    for (kind, element, folder, client, number) in types {
        let mut update = entry("1.1", ".*");
        update.extension =
            Extension { kind, element: element.into(), folder: folder.into(), client };
        let xml = updates([&update]);
        let url = "https://www.example.com/updates/x.xml";
        let set = collection("Site", &[Part { url, entries: vec![&update] }]);
        for joomla in ["3.10.11", "4.4.0", "5.3.2"] {
            let installed = (element, kind.name(), folder, number, "1.0".to_owned());
            let site = Site { installed, ..Site::with(joomla, "1.0") };
            assert_eq!(find(&site, &xml).offered.as_deref(), Some("1.1"), "{xml}");
            let found = find_in_collection(&site, &set);
            assert_eq!(found.offered.as_deref(), Some("1.1"), "{set}");
            assert_eq!(found.details.as_deref(), Some(url));
        }
    }
}
