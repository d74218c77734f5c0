//! The place of the manifest in a ZIP, and hostile ZIPs.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use joomla_updates::archive::{self as subject, ArchiveError};
use joomla_updates::printable::is_unprintable;
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::made::{archive, archive_of};

const MANIFEST: &str = "<extension type=\"package\"><packagename>example</packagename><version>1.1.0</version></extension>";

/// Another one, which must not be found.
const OTHER: &str = "<extension type=\"package\"><packagename>other</packagename><version>2.0.0</version></extension>";

fn look(bytes: &[u8]) -> Result<String, ArchiveError> {
    subject::manifest(Cursor::new(bytes)).map(|found| found.path)
}

fn found(files: &[(&str, &str)]) -> Result<String, ArchiveError> {
    look(&archive(files))
}

#[test]
fn the_manifest_is_where_joomla_looks_for_it() {
    let path = |files: &[(&str, &str)]| found(files).unwrap();
    assert_eq!(path(&[("a.php", ""), ("pkg_x.xml", MANIFEST)]), "pkg_x.xml");
    assert_eq!(path(&[("pkg/pkg_x.xml", MANIFEST), ("pkg/sub/a.php", "")]), "pkg/pkg_x.xml");
    // The first level comes before the folders, whatever they are called.
    let outer = [("a/inner.xml", OTHER), ("config.xml", "<config/>"), ("x.xml", MANIFEST)];
    assert_eq!(path(&outer), "x.xml");
    assert_eq!(path(&[("b.xml", MANIFEST), ("a.xml", MANIFEST)]), "a.xml");
    assert_eq!(path(&[("a.php", ""), ("pkg/pkg_x.xml", MANIFEST)]), "pkg/pkg_x.xml");
    assert_eq!(path(&[("one/x.xml", MANIFEST), ("two/a.php", "")]), "one/x.xml");
    assert_eq!(path(&[("one-a/x.xml", OTHER), ("one/x.xml", MANIFEST)]), "one-a/x.xml");
    // An only folder is entered, and only once.
    assert_eq!(path(&[("one/two/x.xml", MANIFEST)]), "one/two/x.xml");
    assert_eq!(path(&[("one/x.xml", MANIFEST), ("one/a/x.xml", OTHER)]), "one/x.xml");
    // A folder without files is not unpacked.
    assert_eq!(path(&[("empty/", ""), ("one/two/x.xml", MANIFEST)]), "one/two/x.xml");
    // Windows' slashes, and paths that are written in an odd way.
    assert_eq!(path(&[("pkg\\x.xml", MANIFEST), ("pkg\\a.php", "")]), "pkg/x.xml");
    assert_eq!(path(&[("./x.xml", MANIFEST)]), "x.xml");
    assert_eq!(path(&[("/one//x.xml", MANIFEST)]), "one/x.xml");

    for files in [
        &[][..],
        &[("one/two/three/x.xml", MANIFEST)],
        &[("a.php", ""), ("one/two/x.xml", MANIFEST)],
        &[("one/a.php", ""), ("two/sub/x.xml", MANIFEST)],
        &[("x.XML", MANIFEST)],
        &[("x.xml.php", MANIFEST)],
        &[("../x.xml", MANIFEST)],
        &[("one/../../x.xml", MANIFEST), ("a.php", "")],
        &[("config.xml", "<config/>")],
    ] {
        assert_eq!(found(files), Err(ArchiveError::NoManifest), "{files:?}");
    }
}

#[test]
fn what_joomla_does_not_see_is_passed_by() {
    let path = |files: &[(&str, &str)]| found(files).unwrap();
    assert_eq!(
        path(&[("mod_x/m.xml", MANIFEST), ("__MACOSX/mod_x/._m.xml", "junk")]),
        "mod_x/m.xml"
    );
    assert_eq!(path(&[("README.txt", ""), ("mod_x/m.xml", MANIFEST)]), "mod_x/m.xml");
    for unseen in [
        ".a.xml",
        "._a.xml",
        "~a.xml",
        "a.xml~.xml",
        ".svn/a.xml",
        "CVS/a.xml",
        "__MACOSX/a.xml",
        "__MACOSX/m.xml",
        ".git/a.xml",
        "old~/a.xml",
    ] {
        assert_eq!(path(&[(unseen, OTHER), ("m.xml", MANIFEST)]), "m.xml", "{unseen}");
        // Nor does it keep the only folder from being entered, nor is it one.
        let files = [(unseen, OTHER), ("one/two/m.xml", MANIFEST)];
        assert_eq!(path(&files), "one/two/m.xml", "{unseen}");
        assert_eq!(found(&[(unseen, OTHER)]), Err(ArchiveError::NoManifest), "{unseen}");
        let inside = format!("one/{unseen}");
        let files = [(inside.as_str(), OTHER), ("one/m.xml", MANIFEST)];
        assert_eq!(path(&files), "one/m.xml", "{unseen}");
    }
    let files = [(".DS_Store", ""), ("one/two/m.xml", MANIFEST)];
    assert_eq!(path(&files), "one/two/m.xml");
}

#[test]
fn the_first_manifest_counts_whatever_the_other_xml_files_are() {
    let large = format!("<data>{}</data>", " ".repeat(2_000_000));
    let utf16: Vec<u8> = "\u{feff}<data/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let others: [(&str, &[u8]); 11] = [
        ("empty", b""),
        ("AppleDouble", b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "),
        ("large", large.as_bytes()),
        ("UTF-16", &utf16),
        ("cut off", b"<extension type=\"file\"><version>1</version>"),
        ("broken", b"<extension type=\"file\"><version>1</wrong></extension>"),
        ("no XML", b"Read me first"),
        ("not UTF-8", b"<extension type=\"file\"><version>\xe4</version></extension>"),
        ("old", b"<install type=\"file\"><version>1</version></install>"),
        ("behind blanks", b"\n<?xml version=\"1.0\"?><extension type=\"file\"/>"),
        ("form", b"<?xml version=\"1.0\"?><form><extension/></form>"),
    ];
    for (what, other) in others {
        let bytes = archive_of(&[("a.xml", other), ("m.xml", MANIFEST.as_bytes())]);
        assert_eq!(look(&bytes), Ok("m.xml".into()), "{what}");
    }
    // Joomla takes it, so another one must not be listed in its place.
    let large = format!("<extension type=\"file\"><!--{}--></extension>", " ".repeat(2_000_000));
    for other in [
        "<extension type=\"file\"/>",
        "<extension type=\"gadget\"><version>1</version></extension>",
        "<!DOCTYPE extension [<!ENTITY a \"b\">]><extension type=\"file\"/>",
        &large,
    ] {
        let files = [("a.xml", other), ("m.xml", MANIFEST)];
        assert!(found(&files).is_err(), "{other:.50}: {:?}", found(&files));
    }
    // With none that can be used, the one that was meant is told.
    let files = [("a.xml", ""), ("m.xml", "<extension type=\"file\">"), ("z.xml", "junk")];
    let told = found(&files).unwrap_err().to_string();
    assert!(told.contains("`m.xml`"), "{told}");
}

#[test]
fn what_cannot_be_used_is_told() {
    let evil = "<!DOCTYPE x []><extension type=\"file\"/>";
    let huge = format!("<extension type=\"file\"><!--{}-->", " ".repeat(2_000_000));
    let bad: Vec<(Vec<u8>, &str)> = vec![
        (b"PK\x03\x04 no zip".to_vec(), "text"),
        (Vec::new(), "empty"),
        (archive(&[("x\n.xml", evil)]), "doctype, and a path that forges lines"),
        (archive(&[("x.xml", &huge)]), "large"),
        (archive(&[("x.xml", "<extension type=\"file\">")]), "broken"),
        (encrypted(), "encrypted"),
    ];
    let told = bad.iter().map(|(bytes, what)| format!("{what}: {}", look(bytes).unwrap_err()));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}

fn encrypted() -> Vec<u8> {
    let mut bytes = archive(&[("x.xml", MANIFEST)]);
    // The flag in both headers.
    for signature in [b"PK\x03\x04".as_slice(), b"PK\x01\x02"] {
        let at = bytes.windows(4).position(|window| window == signature).unwrap();
        bytes[at + if signature == b"PK\x03\x04" { 6 } else { 8 }] |= 1;
    }
    bytes
}

/// 200 MB of zeros in 200 KB: no more than a manifest's size is unpacked.
#[test]
fn a_bomb_is_not_unpacked() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("pkg_x.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..200 {
        zip.write_all(&zeros).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 1_000_000);
    let (result, read) = counted(&bytes);
    assert_eq!(result, Err(ArchiveError::TooLarge { path: "pkg_x.xml".into() }));
    assert!(read < 40_000, "{read} bytes were read");
}

/// A file of any size that is no ZIP: its end is looked at, not all of it.
#[test]
fn little_is_read_of_what_is_no_zip() {
    let bytes = vec![b'P'; 64 << 20];
    let (result, read) = counted(&bytes);
    assert!(result.is_err());
    assert!(read <= 4 << 20, "{read} bytes were read");
}

#[test]
fn a_table_of_contents_without_end_is_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for number in 0..60_000 {
        zip.start_file(format!("{number:0>60}"), options).unwrap();
    }
    zip.start_file("pkg_x.xml", options).unwrap();
    zip.write_all(MANIFEST.as_bytes()).unwrap();
    let (result, read) = counted(&zip.finish().unwrap().into_inner());
    assert_eq!(result, Err(ArchiveError::TooManyFiles));
    assert!(read <= 4 << 20, "{read} bytes were read");
}

#[test]
fn many_xml_files_end_the_search() {
    let many = |count: usize, text: &str| {
        let names: Vec<_> = (0..count).map(|number| format!("a{number:04}.xml")).collect();
        let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), text)).collect();
        files.push(("z.xml", MANIFEST));
        found(&files)
    };
    assert_eq!(many(900, "<config/>"), Ok("z.xml".into()));
    assert_eq!(many(2000, "<config/>"), Err(ArchiveError::TooManyDocuments));
    let large = format!("<config>{}</config>", " ".repeat(1_000_000));
    assert_eq!(many(20, &large), Err(ArchiveError::TooManyDocuments));
}

#[test]
fn hostile_names_cost_little_and_steer_nothing() {
    let long = format!("{}.xml", "a/".repeat(30_000));
    let names =
        [long.as_str(), "\u{1b}[31m\u{202e}.xml", "C:\\x.xml", "..\\..\\x.xml", "\n/\n.xml"];
    for name in names {
        let told = found(&[(name, "<extension type=\"file\"/>")]).unwrap_err().to_string();
        assert!(!told.contains(is_unprintable) && told.chars().count() < 500, "{told:?}");
        assert_eq!(found(&[(name, ""), ("m.xml", MANIFEST)]), Ok("m.xml".into()), "{name:.50}");
    }
}

#[test]
fn a_storage_that_fails_is_no_broken_zip() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(1000)
        }
    }
    let failed = subject::manifest(Failing).unwrap_err();
    assert_eq!(failed, ArchiveError::Storage(io::ErrorKind::TimedOut));
}

proptest! {
    /// A ZIP with damaged bytes: an answer, whatever it is.
    #[test]
    fn damage_is_survived(at in 0_usize..1000, byte: u8, cut in 0_usize..1000) {
        let mut bytes = archive(&[("pkg/readme.txt", "hello"), ("pkg/pkg_x.xml", MANIFEST)]);
        let len = bytes.len();
        bytes[at % len] = byte;
        let _ = look(&bytes);
        bytes.truncate(cut % len);
        let _ = look(&bytes);
    }
}

/// The result and how many bytes it took.
fn counted(bytes: &[u8]) -> (Result<String, ArchiveError>, usize) {
    struct Counted<'a>(Cursor<&'a [u8]>, &'a mut usize);
    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.read(buffer)?;
            *self.1 += count;
            Ok(count)
        }
    }
    impl Seek for Counted<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut read = 0;
    let result = subject::manifest(Counted(Cursor::new(bytes), &mut read));
    (result.map(|found| found.path), read)
}
