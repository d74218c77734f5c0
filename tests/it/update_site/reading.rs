//! Checksums belong to the file that was opened; otherwise there are none.

use std::cell::Cell;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::os::unix::fs::FileExt;

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
    let all = |bytes| {
        read.set(read.get() + bytes);
        true
    };
    let sums = reading::checksums(&opened(), &all).unwrap().unwrap();
    assert_eq!(sums.sha512, base16ct::lower::encode_string(&Sha512::digest(&content)));
    assert_eq!(read.get(), 600_000, "all of it, in pieces");

    assert_eq!(reading::checksums(&opened(), &|_| false), Ok(None), "stopped after a piece");

    let changed_by = |change: &dyn Fn()| {
        let package = opened();
        let once = Cell::new(true);
        reading::checksums(&package, &|_| {
            if once.replace(false) {
                change();
            }
            true
        })
    };
    let grown = changed_by(&|| {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"and more").unwrap();
    });
    assert_eq!(grown, Err(Reason::Changing));

    // The content has its old length and date: only the change time differs.
    let times = fs::metadata(&path).unwrap();
    let times = FileTimes::new()
        .set_modified(times.modified().unwrap())
        .set_accessed(times.accessed().unwrap());
    let disguised = changed_by(&|| {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(b"other", 300_000).unwrap();
        file.set_times(times).unwrap();
    });
    assert_eq!(disguised, Err(Reason::Changing));

    // Another file is in its place, so no client gets the open one any more.
    let new = folder.path().join("new.zip");
    fs::write(&new, b"new").unwrap();
    assert_eq!(changed_by(&|| fs::rename(&new, &path).unwrap()), Err(Reason::Changing));
}
