//! Package files that vanish, are hidden or cannot be read, and a storage that fails.

use std::io;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jbackend_bridge::methods::{Method, code};
use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::packages::{Opening, PackageError, Packages};
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::store::SiteRows;
use testkit::fixture::Schema;
use tokio::time::timeout;

use super::{PATIENCE, parts, post};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, PAID_FILE, Site};

#[tokio::test]
async fn a_file_that_vanished_is_not_found_and_found_again() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let params = [("email", "alice@example.test"), ("key", ALICE_KEY)];
    let download = post("download", "redj_ent_190", &params);
    let file = server.site.packages().join("private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip");
    let away = server.site.folder.path().join("away.zip");
    assert_eq!(server.get(&download).await.body, PAID_FILE);
    std::fs::rename(&file, &away).unwrap();
    assert_eq!(server.code(&download).await, "REL_FNF");
    std::fs::rename(&away, &file).unwrap();
    assert_eq!(server.get(&download).await.body, PAID_FILE);
}

#[tokio::test]
async fn what_is_no_file_of_the_folder_is_not_found_and_logged_once() {
    let log = Log::keep();
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let gone = server.site.packages().join("public/gone.zip");
    let download = "/packages/get/release/download/gone";
    assert_eq!(server.code(download).await, "REL_FNF");
    assert_eq!(log.count(&["does not exist"]), 1, "{}", log.text());
    symlink("/etc/passwd", &gone).unwrap();
    assert_eq!(server.code(download).await, "REL_FNF");
    assert_eq!(log.count(&["leads out of the package folder"]), 1, "{}", log.text());
    std::fs::remove_file(&gone).unwrap();
    std::fs::create_dir(&gone).unwrap();
    assert_eq!(server.code(download).await, "REL_FNF");
    assert_eq!(log.count(&["is not a regular file"]), 1, "{}", log.text());
}

/// A folder that fails with a chosen error.
struct Failing(Failure);

type Failure = fn(PackagePath) -> PackageError;

impl Packages for Failing {
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        Box::pin(async { Err(self.0(path.clone())) })
    }

    fn check(&self) -> Result<(), PackageError> {
        Ok(())
    }
}

const EIO: i32 = 5;
const ENOENT: i32 = 2;
const EACCES: i32 = 13;
const ENOTDIR: i32 = 20;
const EMFILE: i32 = 24;
const ESTALE: i32 = 116;

fn system(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

fn no_folder(number: i32) -> PackageError {
    PackageError::NoFolder { folder: PathBuf::from("/files"), source: system(number) }
}

#[tokio::test]
async fn a_storage_that_fails_is_told_from_a_file_that_is_not_there() {
    let failures: [(Failure, _, &str); 10] = [
        (
            |path| PackageError::Storage { path, source: system(EIO) },
            code::GENERIC_ERROR,
            "os error 5",
        ),
        (
            |path| PackageError::Storage { path, source: system(EMFILE) },
            code::GENERIC_ERROR,
            "os error 24",
        ),
        (|_| no_folder(EIO), code::GENERIC_ERROR, "os error 5"),
        (|_| no_folder(EMFILE), code::GENERIC_ERROR, "os error 24"),
        (|_| no_folder(ESTALE), code::GENERIC_ERROR, "os error 116"),
        (|_| no_folder(ENOENT), code::FILE_NOT_FOUND, "os error 2"),
        (|_| no_folder(ENOTDIR), code::FILE_NOT_FOUND, "os error 20"),
        (|_| no_folder(EACCES), code::FILE_NOT_FOUND, "os error 13"),
        (
            |path| PackageError::Unreadable { path, source: system(EACCES) },
            code::FILE_NOT_FOUND,
            "os error 13",
        ),
        (|path| PackageError::Outside { path }, code::FILE_NOT_FOUND, "leads out"),
    ];
    for (failure, wanted, cause) in failures {
        let log = Log::keep();
        let packages: Arc<dyn Packages> = Arc::new(Failing(failure));
        let module = parts::module(parts::verifier(), &packages);
        let refused = module.run(Method::Download, &parts::id("free"), None).await;
        assert_eq!(refused.err().map(|refusal| refusal.code), Some(wanted), "{cause}");
        assert_eq!(log.count(&[cause]), 1, "the cause, once:\n{}", log.text());
    }
}

/// A file system whose server is gone.
struct Hanging;

impl Packages for Hanging {
    fn open<'a>(&'a self, _: &'a PackagePath) -> Opening<'a> {
        Box::pin(std::future::pending())
    }

    fn check(&self) -> Result<(), PackageError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_file_system_that_hangs_is_given_up() {
    let log = Log::keep();
    let packages: Arc<dyn Packages> = Arc::new(Hanging);
    let mut module = parts::module(parts::verifier(), &packages);
    module.release.open_limit = Duration::from_millis(20);
    let arguments = parts::id("free");
    let refused = timeout(PATIENCE, module.run(Method::Download, &arguments, None)).await;
    let refused = refused.expect("an answer").err();
    assert_eq!(refused.map(|refusal| refusal.code), Some(code::GENERIC_ERROR));
    assert_eq!(log.count(&["the package folder does not answer"]), 1);
    // Requests that need no file still succeed.
    assert!(module.run(Method::Verify, &parts::id("free"), None).await.is_ok());
}

/// The limit of files open at one time belongs to the folder, and does not begin anew with every
/// change of settings.
#[tokio::test]
async fn a_folder_is_opened_anew_only_when_another_one_is_set() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let source = parts::source(Box::new(move |path| {
        count.fetch_add(1, Ordering::Relaxed);
        Arc::new(Folder::new(path.to_owned(), Vec::new()))
    }));
    let mut rows = parts::rows("files");
    let alice = Arc::new(parts::Alice::that(parts::Mood::Answers));
    let site = parts::live(source, alice, rows.clone(), None);
    let refresh = |rows: &SiteRows| site.refresh(&site.view(), rows.clone(), None);
    rows.guest_group = 9;
    refresh(&rows);
    rows.release_plugins[0].params =
        r#"{"folder":"files","groups":"","packages":"other;x"}"#.into();
    refresh(&rows);
    assert!(site.view().settings.catalog.package("other").is_some());
    assert_eq!(opened.load(Ordering::Relaxed), 1);
    refresh(&parts::rows("elsewhere"));
    assert_eq!(opened.load(Ordering::Relaxed), 2);
    assert_eq!(site.view().settings.folder_path, PathBuf::from("/nowhere/elsewhere"));
}

/// A folder that cannot be opened, with this error.
struct Closed(i32);

impl Packages for Closed {
    fn open<'a>(&'a self, _: &'a PackagePath) -> Opening<'a> {
        Box::pin(async { Err(no_folder(self.0)) })
    }

    fn check(&self) -> Result<(), PackageError> {
        Err(no_folder(self.0))
    }
}

/// Whether the path is a folder tells nothing about the right to read it. Outside of a runtime the
/// check runs on the test's own thread, whose log is kept.
#[test]
fn a_package_folder_that_may_not_be_read_was_not_reported() {
    for (number, said) in [
        (ENOENT, "the package folder is missing"),
        (ENOTDIR, "the package folder is missing"),
        (EACCES, "the right to read it"),
        (EIO, "os error 5"),
    ] {
        let log = Log::keep();
        let packages: Arc<dyn Packages> = Arc::new(Closed(number));
        drop(parts::module(parts::verifier(), &packages));
        assert_eq!(log.count(&["ERROR", said]), 1, "{number}: {}", log.text());
    }
}
