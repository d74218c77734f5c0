//! Checksums that are computed beside the service: of the right file, by few workers, once.

mod killed;
mod remembered;

use std::collections::HashSet;
use std::fs::{self, FileTimes, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::packages::{Opening, PackageError, Packages};
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::updates::Reason;
use jbackend_bridge::updates::memory::{Memory, Options, Progress, Sums, WantedChecksums};
use joomla_updates::entry::Checksums;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::common::log::Log;
use jbackend_bridge::supervise::Tasks;

/// Longer than any step here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Counts bytes, and calls a function at the first chunk.
#[derive(Default)]
struct Count {
    ahead: AtomicU64,
    read: AtomicU64,
    at_first: Option<Box<dyn Fn() + Send + Sync>>,
    begun: AtomicBool,
}

impl Progress for Count {
    fn ahead(&self, bytes: u64) {
        self.ahead.fetch_add(bytes, Ordering::SeqCst);
    }

    fn read(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::SeqCst);
        if let Some(act) = &self.at_first
            && !self.begun.swap(true, Ordering::SeqCst)
        {
            act();
        }
    }
}

impl Count {
    fn bytes(&self) -> u64 {
        self.read.load(Ordering::SeqCst)
    }
}

/// A folder with package files and the file of checksums.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::create_dir(place.0.path().join("packages")).unwrap();
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join("packages").join(name)
    }

    /// Puts a package in place by renaming it.
    fn put(&self, name: &str, content: &[u8]) {
        let new = self.0.path().join("uploaded");
        fs::write(&new, content).unwrap();
        fs::rename(new, self.file(name)).unwrap();
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("checksums")
    }

    fn folder(&self) -> Arc<dyn Packages> {
        packages_of(self.0.path())
    }

    async fn memory(&self) -> (Memory, Arc<Count>) {
        let count = Arc::<Count>::default();
        (remembering(&self.state(), &count).await, count)
    }

    async fn sums(&self, memory: &Memory, name: &str) -> Sums {
        let file = self.folder().open(&path(name)).await.unwrap();
        memory.checksums(&path(name), &file)
    }

    /// Lets the memory read files, and waits until they are read.
    async fn learn(&self, memory: &Memory, names: &[&str]) {
        memory.want(&self.folder(), &wanted(names));
        timeout(PATIENCE, memory.idle()).await.expect("all was tried");
    }
}

async fn remembering(file: &Path, count: &Arc<Count>) -> Memory {
    Memory::open(Options {
        file: Some(file.into()),
        read_only: false,
        workers: 1,
        progress: Arc::<Count>::clone(count),
        tasks: Tasks::default(),
    })
    .await
}

fn packages_of(place: &Path) -> Arc<dyn Packages> {
    Arc::new(Folder::new(place.join("packages"), Vec::new()))
}

fn path(name: &str) -> PackagePath {
    PackagePath::parse(name).unwrap()
}

fn wanted(names: &[&str]) -> Vec<WantedChecksums> {
    names
        .iter()
        .map(|name| WantedChecksums { path: path(name), version: String::new(), bytes: 0 })
        .collect()
}

fn of(content: &[u8]) -> Sums {
    let hexadecimal = base16ct::lower::encode_string;
    Sums::Known(Checksums {
        sha256: hexadecimal(&Sha256::digest(content)),
        sha384: hexadecimal(&Sha384::digest(content)),
        sha512: hexadecimal(&Sha512::digest(content)),
    })
}

#[tokio::test]
async fn a_changed_file_is_read_again_whatever_its_date_says() {
    let place = Place::new();
    place.put("a.zip", b"first");
    let (memory, count) = place.memory().await;
    assert_eq!(place.sums(&memory, "a.zip").await, Sums::Unknown);
    place.learn(&memory, &["a.zip"]).await;
    assert_eq!(place.sums(&memory, "a.zip").await, of(b"first"));
    place.learn(&memory, &["a.zip"]).await;
    assert_eq!(count.bytes(), 5, "what is known is not read again");

    let path = place.file("a.zip");
    let metadata = fs::metadata(&path).unwrap();
    let date = FileTimes::new().set_modified(metadata.modified().unwrap());
    let dated = |file: &fs::File| file.set_times(date).unwrap();
    let by_renaming = || {
        place.put("a.zip", b"other");
        dated(&OpenOptions::new().write(true).open(&path).unwrap());
    };
    let in_place = || {
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(b"third", 0).unwrap();
        dated(&file);
    };
    let touched = || dated(&OpenOptions::new().write(true).open(&path).unwrap());
    let changes: [(&dyn Fn(), &[u8]); 3] =
        [(&by_renaming, b"other"), (&in_place, b"third"), (&touched, b"third")];
    for (change, content) in changes {
        change();
        let now = fs::metadata(&path).unwrap();
        assert_eq!((now.len(), now.modified().unwrap()), (5, metadata.modified().unwrap()));
        assert_eq!(place.sums(&memory, "a.zip").await, Sums::Unknown);
        place.learn(&memory, &["a.zip"]).await;
        assert_eq!(place.sums(&memory, "a.zip").await, of(content));
    }
    fs::remove_file(&path).unwrap();
    place.learn(&memory, &["a.zip"]).await;
    assert_eq!(count.bytes(), 20);
}

/// A second change within the same tick of the file system's clock would not be noticed.
#[tokio::test]
async fn a_file_is_read_only_when_it_rests() {
    let place = Place::new();
    place.put("a.zip", b"first");
    let file = place.folder().open(&path("a.zip")).await.unwrap();
    let changed = file.modified();
    assert!(!file.settles_in(changed).is_zero());
    assert!(file.settles_in(changed + Duration::from_secs(3)).is_zero());
    assert!(file.settles_in(changed - Duration::from_hours(1)).is_zero(), "a wrong clock");
    let (memory, _) = place.memory().await;
    place.learn(&memory, &["a.zip"]).await;
    assert!(file.settles_in(std::time::SystemTime::now()).is_zero(), "it was waited for");
    assert_eq!(place.sums(&memory, "a.zip").await, of(b"first"));
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_tried_again_by_itself() {
    let log = Log::keep();
    let place = Place::new();
    place.put("a.zip", &vec![1; 600_000]);
    place.put("b.zip", b"beside");
    let path = place.file("a.zip");
    let grow =
        move || OpenOptions::new().append(true).open(&path).unwrap().write_all(b"+").unwrap();
    let count = Arc::new(Count { at_first: Some(Box::new(grow)), ..Count::default() });
    let memory = remembering(&place.state(), &count).await;
    let mut changes = memory.changes();
    place.learn(&memory, &["a.zip", "b.zip"]).await;
    assert_eq!(place.sums(&memory, "a.zip").await, Sums::Failed(Reason::Changing));
    assert_eq!(place.sums(&memory, "b.zip").await, of(b"beside"), "others do not wait for it");
    let mut content = vec![1; 600_000];
    content.push(b'+');
    while place.sums(&memory, "a.zip").await != of(&content) {
        timeout(PATIENCE, changes.changed()).await.expect("tried again").unwrap();
    }
    assert_eq!(log.count(&["package file `a.zip` is in no update XML for now"]), 1);
    assert_eq!(log.count(&["computing checksums of 2 packages"]), 1);
    assert_eq!(log.count(&["checksums of 1 package computed", "1 file to be tried again"]), 1);
}

/// A folder that holds up every reader until the test lets them through.
struct Slow {
    inside: AtomicUsize,
    most: AtomicUsize,
    full: Notify,
    go: Notify,
}

impl Packages for Slow {
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        Box::pin(async move {
            let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(inside, Ordering::SeqCst);
            if inside == 2 {
                self.full.notify_one();
            }
            self.go.notified().await;
            self.inside.fetch_sub(1, Ordering::SeqCst);
            Err(PackageError::NotFound { path: path.clone() })
        })
    }

    fn check(&self) -> Result<(), PackageError> {
        Ok(())
    }
}

#[tokio::test]
async fn no_more_files_are_read_at_once_than_there_are_workers() {
    let slow =
        Arc::new(Slow { inside: 0.into(), most: 0.into(), full: Notify::new(), go: Notify::new() });
    let folder: Arc<dyn Packages> = Arc::<Slow>::clone(&slow);
    let options = Options {
        file: None,
        read_only: false,
        workers: 2,
        progress: Arc::<Count>::default(),
        tasks: Tasks::default(),
    };
    let memory = Memory::open(options).await;
    let names: Vec<_> = (0..20).map(|number| format!("{number}.zip")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    for some in names.chunks(5) {
        memory.want(&folder, &wanted(some));
        memory.want(&folder, &wanted(some));
    }
    timeout(PATIENCE, slow.full.notified()).await.expect("two at once");
    let all = async {
        let mut idle = std::pin::pin!(memory.idle());
        loop {
            slow.go.notify_one();
            tokio::select! {
                biased;
                () = &mut idle => return,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    timeout(PATIENCE, all).await.expect("an end");
    assert_eq!(slow.most.load(Ordering::SeqCst), 2);
}

/// Reading all of this file would take minutes.
#[test]
fn a_stop_does_not_wait_for_a_large_file() {
    let place = Place::new();
    let size = 1 << 36;
    fs::File::create(place.file("a.zip")).unwrap().set_len(size).unwrap();
    for closes in [true, false] {
        let (sender, first) = std::sync::mpsc::channel();
        let tell = Box::new(move || sender.send(()).unwrap());
        let count = Arc::new(Count { at_first: Some(tell), ..Count::default() });
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let memory = runtime.block_on(remembering(&place.state(), &count));
        runtime.block_on(async { memory.want(&place.folder(), &wanted(&["a.zip"])) });
        first.recv_timeout(PATIENCE).expect("it is being read");
        if closes {
            runtime.block_on(memory.close());
        }
        drop(memory);
        // This waits for the tasks on the runtime's threads.
        drop(runtime);
        assert!(count.bytes() > 0 && count.bytes() < size);
    }
}

#[tokio::test]
async fn what_is_no_longer_listed_is_kept_for_a_while_and_then_forgotten() {
    let place = Place::new();
    let names: Vec<_> = (0..2_100).map(|number| format!("{number:04}.zip")).collect();
    for name in &names {
        fs::write(place.file(name), name).unwrap();
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (memory, _) = place.memory().await;
    place.learn(&memory, &names).await;
    let paths: Vec<_> = names.iter().map(|name| path(name)).collect();
    let lines = || fs::read_to_string(place.state()).unwrap().lines().count() - 2;
    assert_eq!(lines(), 2_100);

    // The list is empty for a moment, then half of it is back.
    memory.keep(&HashSet::new());
    memory.keep(&paths[1_050..].iter().collect());
    assert_eq!(place.sums(&memory, "0000.zip").await, of(b"0000.zip"));
    // Of the others, those that were listed last are kept.
    memory.keep(&paths[..1].iter().collect());
    assert_eq!(place.sums(&memory, "0000.zip").await, of(b"0000.zip"));
    assert_eq!(place.sums(&memory, "0001.zip").await, Sums::Unknown);
    assert_eq!(place.sums(&memory, "2099.zip").await, of(b"2099.zip"));
    memory.close().await;
    assert_eq!(lines(), 2_001);
}
