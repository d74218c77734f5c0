//! ZIPs and updates for tests.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use joomla_updates::entry::{Checksums, Entry};
use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::stability::Stability;
use joomla_updates::target_platform::TargetPlatform;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A ZIP with these files.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    archive_of(&files)
}

/// A ZIP with these files, whatever they hold.
pub(crate) fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The package that the sites of the recordings have installed.
pub(crate) fn example() -> Extension {
    Extension {
        kind: ExtensionType::Package,
        element: "pkg_example".into(),
        folder: String::new(),
        client: Client::Site,
    }
}

/// An update for these Joomla versions, stable unless the version says otherwise.
pub(crate) fn entry(version: &str, target_platform: &str) -> Entry {
    Entry {
        extension: example(),
        name: "Example".into(),
        description: "An example".into(),
        version: version.into(),
        target_platform: TargetPlatform::parse(target_platform).unwrap(),
        stability: Stability::of_version(version),
        security: None,
        php_minimum: None,
        supported_databases: BTreeMap::new(),
        download_url: format!("https://www.example.com/packages/get/release/download/{version}"),
        checksums: checksums(),
        info_url: None,
        changelog_url: None,
        maintainer: None,
        maintainer_url: None,
        section: None,
    }
}

/// The checksums of the file the model of Joomla downloads.
pub(crate) fn checksums() -> Checksums {
    Checksums { sha256: "a".repeat(64), sha384: "b".repeat(96), sha512: "c".repeat(128) }
}
