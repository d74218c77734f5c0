//! Checksums belong to the file that was opened, or there are none.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;

use jbackend_bridge::packages::PackageFile;
use jbackend_bridge::updates::{Reason, reading};
use sha2::{Digest, Sha512};
use tempfile::TempDir;

#[test]
fn a_file_that_changes_meanwhile_has_no_checksums() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.zip");
    let content = vec![7; 600_000];
    fs::write(&path, &content).unwrap();
    let opened = || PackageFile::new(File::open(&path).unwrap(), "a.zip").unwrap().unwrap();

    let read = Cell::new(0);
    let sums = reading::checksums(&opened(), &|bytes| read.set(read.get() + bytes)).unwrap();
    assert_eq!(sums.sha512, base16ct::lower::encode_string(&Sha512::digest(&content)));
    assert_eq!(read.get(), 600_000, "all of it, in pieces");

    // Another file in its place: the open one is still the old one.
    let new = folder.path().join("new.zip");
    fs::write(&new, b"new").unwrap();
    let package = opened();
    let replaced = reading::checksums(&package, &|_| drop(fs::rename(&new, &path)));
    assert_eq!(replaced.unwrap(), sums);
    assert_eq!(fs::read(&path).unwrap(), b"new");

    let package = opened();
    let grown = reading::checksums(&package, &|_| {
        if fs::metadata(&path).unwrap().len() < 10 {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"and more").unwrap();
        }
    });
    assert_eq!(grown, Err(Reason::Changing));
}
