//! Manifests, in a ZIP and on their own, and the files they name: read or refused, within limits. A
//! package's own text can neither change the update XML around it nor control the operator's
//! terminal.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use joomla_updates::archive::{self, ArchiveError};
use joomla_updates::entry::{Checksums, Entry};
use joomla_updates::manifest::Manifest;
use joomla_updates::printable::is_unprintable;
use joomla_updates::stability::Stability;
use joomla_updates::target_platform::TargetPlatform;
use joomla_updates::xml;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Most characters of a name of an extension.
const LONGEST: usize = 255;

/// Reads the bytes as an archive, as a manifest, and as a manifest in an archive.
pub fn holds(data: &[u8]) {
    match archive::manifest(Cursor::new(data)) {
        Ok(found) => {
            assert!(!found.path.contains(is_unprintable), "a path for people");
            can_be_offered(&found.manifest);
        }
        Err(error) => says_it_plainly(&error.to_string()),
    }
    let alone = Manifest::parse(data, "example.xml");
    match &alone {
        Ok(Some(manifest)) => can_be_offered(manifest),
        Ok(None) => {}
        Err(error) => says_it_plainly(&error.to_string()),
    }
    match archive::manifest(Cursor::new(packed(&[("example.xml", data)]))) {
        Ok(found) => assert_eq!(Ok(Some(found.manifest)), alone, "packed"),
        Err(ArchiveError::Manifest { reason, .. }) => assert_eq!(Err(reason), alone, "packed"),
        Err(ArchiveError::NoManifest) => assert_eq!(Ok(None), alone, "packed"),
        Err(error) => panic!("a sound archive: {error}"),
    }
    leads_to(data);
}

/// Reads the bytes as the language file and the install script of a sound manifest.
fn leads_to(data: &[u8]) {
    let manifest = b"<extension type=\"file\"><name>FILES_EXAMPLE</name><version>1</version>\
                     <scriptfile>script.php</scriptfile></extension>";
    let files: [(&str, &[u8]); 3] =
        [("example.xml", manifest), ("en-GB/example.sys.ini", data), ("script.php", data)];
    let found = archive::manifest(Cursor::new(packed(&files))).expect("a sound manifest");
    can_be_offered(&found.manifest);
    assert!(
        !found.manifest.name.is_empty() && found.manifest.name.chars().count() <= 1000,
        "a name"
    );
    for version in [found.manifest.wants.joomla, found.manifest.wants.php].into_iter().flatten() {
        assert!(
            version.len() <= 20 && version.starts_with(|c: char| c.is_ascii_digit()),
            "{version}"
        );
    }
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        zip.start_file(*path, SimpleFileOptions::default()).expect("a file in memory");
        zip.write_all(content).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

fn says_it_plainly(message: &str) {
    assert!(!message.contains(is_unprintable), "{message:?}");
    assert!(message.chars().count() < 1000, "{message:?}");
}

fn can_be_offered(manifest: &Manifest) {
    assert!(!manifest.version.is_empty() && !manifest.extension.element.is_empty(), "named");
    for text in [&manifest.version, &manifest.extension.element, &manifest.extension.folder] {
        assert!(text.chars().count() <= LONGEST, "short enough for Joomla");
    }
    let document = xml::updates([&entry(manifest)]);
    let blank = Manifest {
        version: "1".into(),
        name: "n".into(),
        description: "d".into(),
        author: "a".into(),
        author_url: "u".into(),
        php_minimum: manifest.php_minimum.as_ref().map(|_| "8".into()),
        ..manifest.clone()
    };
    let mut blank = entry(&blank);
    blank.extension.element = "e".into();
    blank.extension.folder = "f".into();
    let plain = xml::updates([&blank]);
    for mark in ['<', '>', '"'] {
        let count = |text: &str| text.matches(mark).count();
        assert_eq!(count(&document), count(&plain), "{mark} in {document}");
    }
    let has_control = |c: char| is_unprintable(c) && c != '\n' && c != '\t';
    assert!(!document.contains(has_control), "{document:?}");
}

fn entry(manifest: &Manifest) -> Entry {
    Entry {
        extension: manifest.extension.clone(),
        name: manifest.name.clone(),
        description: manifest.description.clone(),
        version: manifest.version.clone(),
        target_platform: TargetPlatform::parse("[3456].*").expect("a pattern"),
        stability: Stability::of_version(&manifest.version),
        security: None,
        php_minimum: manifest.php_minimum.clone(),
        supported_databases: BTreeMap::default(),
        download_url: "https://example.test/a".into(),
        checksums: Checksums::default(),
        info_url: None,
        changelog_url: None,
        maintainer: Some(manifest.author.clone()),
        maintainer_url: Some(manifest.author_url.clone()),
        section: None,
    }
}
