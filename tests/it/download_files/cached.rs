//! Packages whose names the kernel has in memory are opened without another thread, by the same
//! rules.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::mpsc;
use std::time::Duration;

use jbackend_bridge::packages::{PackageError, PackageFile, Packages, folder::Folder};
use jbackend_bridge::release::package_path::PackagePath;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// Longer than any step here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes a folder in memory, which is a local file system on every machine.
fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap()
}

/// Makes a runtime with one thread for blocking work.
fn runtime() -> Runtime {
    Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap()
}

async fn open(folder: &Folder, path: &str) -> Result<PackageFile, PackageError> {
    let path = PackagePath::parse(path).unwrap();
    timeout(PATIENCE, folder.open(&path)).await.expect("an open that needs no other thread")
}

/// Opens a package while the only thread for blocking work is busy.
async fn open_beside_a_hung_one(folder: &Folder, path: &str) -> Result<PackageFile, PackageError> {
    let (release, held) = mpsc::channel::<()>();
    let hung = tokio::task::spawn_blocking(move || {
        let _ = held.recv();
    });
    let opened = open(folder, path).await;
    drop(release);
    hung.await.unwrap();
    opened
}

#[test]
fn a_known_package_needs_no_other_thread() {
    let place = in_memory();
    fs::write(place.path().join("a.zip"), "first").unwrap();
    let folder = Folder::new(place.path().to_owned(), Vec::new());
    runtime().block_on(async {
        assert_eq!(open(&folder, "a.zip").await.unwrap().len(), 5);
        assert_eq!(open_beside_a_hung_one(&folder, "a.zip").await.unwrap().len(), 5);
        fs::write(place.path().join("next"), "the second").unwrap();
        fs::rename(place.path().join("next"), place.path().join("a.zip")).unwrap();
        assert_eq!(open_beside_a_hung_one(&folder, "a.zip").await.unwrap().len(), 10);
        let telling = folder.clone().telling_places();
        let file = open_beside_a_hung_one(&telling, "a.zip").await.unwrap();
        assert_eq!(file.place().unwrap().path(), place.path().join("a.zip"));
    });
}

#[test]
fn a_known_name_is_judged_anew_each_time() {
    let (place, outside) = (in_memory(), in_memory());
    let (file, secret) = (place.path().join("d/a.zip"), outside.path().join("a.zip"));
    fs::write(&secret, "outside").unwrap();
    let fresh = || {
        let _ = fs::remove_file(&file);
        let _ = fs::remove_dir_all(place.path().join("d"));
        fs::create_dir(place.path().join("d")).unwrap();
        fs::write(&file, "inside").unwrap();
    };
    let folder = Folder::new(place.path().to_owned(), Vec::new());
    let allowing = Folder::new(place.path().to_owned(), vec![outside.path().to_owned()]);
    runtime().block_on(async {
        for folder in [&folder, &allowing] {
            fresh();
            open(folder, "d/a.zip").await.unwrap();
            fs::remove_file(&file).unwrap();
            let gone = open(folder, "d/a.zip").await;
            assert!(matches!(gone, Err(PackageError::NotFound { .. })), "{gone:?}");
            fs::create_dir(&file).unwrap();
            let directory = open(folder, "d/a.zip").await;
            assert!(matches!(directory, Err(PackageError::NotRegular { .. })), "{directory:?}");
            fs::remove_dir(&file).unwrap();
        }
        fresh();
        open(&folder, "d/a.zip").await.unwrap();
        // A link replaces the folder, absolute and relative.
        fs::remove_dir_all(place.path().join("d")).unwrap();
        let name = outside.path().file_name().unwrap();
        for target in [outside.path().to_owned(), std::path::Path::new("..").join(name)] {
            symlink(target, place.path().join("d")).unwrap();
            let escaped = open(&folder, "d/a.zip").await;
            assert!(matches!(escaped, Err(PackageError::Outside { .. })), "{escaped:?}");
            assert_eq!(open(&allowing, "d/a.zip").await.unwrap().len(), 7);
            fs::remove_file(place.path().join("d")).unwrap();
        }
    });
}

#[test]
fn a_folder_that_is_switched_is_the_new_one_at_once() {
    let (one, two, links) = (in_memory(), in_memory(), in_memory());
    fs::write(one.path().join("a.zip"), "one").unwrap();
    fs::write(two.path().join("a.zip"), "number two").unwrap();
    let link = links.path().join("current");
    symlink(one.path(), &link).unwrap();
    let folder = Folder::new(link.clone(), Vec::new());
    runtime().block_on(async {
        assert_eq!(open(&folder, "a.zip").await.unwrap().len(), 3);
        symlink(two.path(), links.path().join("next")).unwrap();
        fs::rename(links.path().join("next"), &link).unwrap();
        assert_eq!(open(&folder, "a.zip").await.unwrap().len(), 10);
        fs::remove_file(&link).unwrap();
        let gone = open(&folder, "a.zip").await;
        assert!(matches!(gone, Err(PackageError::NoFolder { .. })), "{gone:?}");
    });
}
