//! Where the manifest is in a ZIP, and ZIPs that want to do harm.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use jbackend_bridge::update_site::archive::{self as subject, ArchiveError};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive;

const MANIFEST: &str = "<extension type=\"package\"><packagename>example</packagename><version>1.1.0</version></extension>";

fn look(bytes: &[u8]) -> Result<String, ArchiveError> {
    subject::manifest(Cursor::new(bytes)).map(|found| found.path)
}

fn found(files: &[(&str, &str)]) -> Result<String, ArchiveError> {
    look(&archive(files))
}

#[test]
fn the_manifest_is_at_the_first_level_or_in_the_only_folder() {
    let path = |files: &[(&str, &str)]| found(files).unwrap();
    assert_eq!(path(&[("a.php", ""), ("pkg_x.xml", MANIFEST)]), "pkg_x.xml");
    assert_eq!(path(&[("pkg/pkg_x.xml", MANIFEST), ("pkg/sub/a.php", "")]), "pkg/pkg_x.xml");
    // The manifests of what is inside do not count, nor do other XML files.
    let outer = [("a/inner.xml", "<extension/>"), ("config.xml", "<config/>"), ("x.xml", MANIFEST)];
    assert_eq!(path(&outer), "x.xml");
    assert_eq!(path(&[("b.xml", MANIFEST), ("a.xml", MANIFEST)]), "a.xml");

    for files in [
        &[][..],
        &[("a.php", ""), ("pkg/pkg_x.xml", MANIFEST)],
        &[("one/x.xml", MANIFEST), ("two/a.php", "")],
        &[("one/two/x.xml", MANIFEST)],
        &[("x.XML", MANIFEST)],
        &[("config.xml", "<config/>")],
    ] {
        assert_eq!(found(files), Err(ArchiveError::NoManifest), "{files:?}");
    }
}

#[test]
fn what_cannot_be_used_is_told() {
    let evil = "<!DOCTYPE x><extension type=\"file\"/>";
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
    let names: Vec<_> = (0..500).map(|number| format!("a{number:03}.xml")).collect();
    let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), "<config/>")).collect();
    files.push(("z.xml", MANIFEST));
    assert_eq!(found(&files), Err(ArchiveError::NoManifest));
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
