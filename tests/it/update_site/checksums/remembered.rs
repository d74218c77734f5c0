//! The file that keeps checksums over a restart, and all that can be in its place.

use std::fs::{self, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jbackend_bridge::updates::memory::{Memory, Options, Sums};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::{Count, Place, of, remembering};
use crate::common::log::Log;
use jbackend_bridge::supervise::Tasks;

#[tokio::test]
async fn nothing_is_read_again_after_a_restart() {
    let log = Log::keep();
    let place = Place::new();
    place.put("a \"quoted\" ü\u{7}.zip", &vec![1; 600_000]);
    place.put("b.zip", b"second");
    let names = ["a \"quoted\" ü\u{7}.zip", "b.zip"];
    let (memory, count) = place.memory().await;
    place.learn(&memory, &names).await;
    assert_eq!(count.bytes(), 600_006);
    drop(memory);
    let mode = fs::metadata(place.state()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let (memory, count) = place.memory().await;
    assert_eq!(place.sums(&memory, names[0]).await, of(&vec![1; 600_000]));
    assert_eq!(place.sums(&memory, names[1]).await, of(b"second"));
    place.learn(&memory, &names).await;
    place.put("b.zip", b"replaced");
    assert_eq!(place.sums(&memory, names[1]).await, Sums::Unknown);
    place.learn(&memory, &names).await;
    assert_eq!(place.sums(&memory, names[1]).await, of(b"replaced"));
    assert_eq!(count.bytes(), 8, "one was replaced");
    assert_eq!(log.count(&["WARN"]), 0, "{}", log.text());
}

/// Makes a file with the checksums of the package `a.zip`, whose content is `first`.
fn written(place: &Place) -> Vec<u8> {
    place.put("a.zip", b"first");
    runtime().block_on(async {
        let (memory, _) = place.memory().await;
        place.learn(&memory, &["a.zip"]).await;
    });
    fs::read(place.state()).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Starts a memory from these bytes; returns its checksums and its warnings.
fn begun_with(place: &Place, bytes: &[u8]) -> (Sums, String) {
    fs::write(place.state(), bytes).unwrap();
    let log = Log::keep();
    let sums = runtime().block_on(async {
        let (memory, _) = place.memory().await;
        place.sums(&memory, "a.zip").await
    });
    (sums, log.text())
}

#[test]
fn what_cannot_be_used_is_told_once_and_replaced() {
    let place = Place::new();
    let good = String::from_utf8(written(&place)).unwrap();
    assert_eq!(begun_with(&place, good.as_bytes()), (of(b"first"), String::new()));
    let later = good.replace("\"format\":2", "\"format\":3");
    let digit = if good.contains("\"sha256\":\"a") { "b" } else { "a" };
    let at = good.find("\"sha256\":\"").unwrap() + 10;
    let flipped = format!("{}{digit}{}", &good[..at], &good[at + 1..]);
    let large = format!("{good}{}", " ".repeat(65 * 1024 * 1024));
    for (bytes, told) in [
        (later.as_str(), "a later version has written it, in format 3"),
        (&flipped, "it is damaged or was cut off"),
        (&good[..good.len() - 1], "it is damaged or was cut off"),
        (&good[..good.find('\n').unwrap()], "it is damaged or was cut off"),
        (&large, "it is too large"),
    ] {
        let (sums, log) = begun_with(&place, bytes.as_bytes());
        assert_eq!(sums, Sums::Unknown, "{told}");
        assert!(log.contains(told) && log.contains("and it is replaced"), "{log}");
        assert_eq!(log.lines().count(), 1, "{log}");
        runtime().block_on(async {
            let (memory, _) = place.memory().await;
            place.learn(&memory, &["a.zip"]).await;
        });
        assert_eq!(fs::read_to_string(place.state()).unwrap(), good, "replaced");
    }
    assert_eq!(begun_with(&place, b""), (Sums::Unknown, String::new()));
}

/// A wrong path in the configuration must not destroy another file.
#[test]
fn something_else_is_left_alone() {
    let place = Place::new();
    written(&place);
    let text = b"[updates]\nchecksum_file = \"bridge.toml\"\n";
    let (_, log) = begun_with(&place, text);
    assert!(log.contains("it is something else: remove it, or name another file"), "{log}");
    runtime().block_on(async {
        let (memory, _) = place.memory().await;
        place.learn(&memory, &["a.zip"]).await;
        assert_eq!(place.sums(&memory, "a.zip").await, of(b"first"));
        memory.close().await;
    });
    assert_eq!(fs::read(place.state()).unwrap(), text);
}

#[tokio::test]
async fn where_nothing_can_be_remembered_the_service_goes_on() {
    let place = Place::new();
    place.put("a.zip", b"first");
    let folder = place.0.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let pipe = place.0.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (file, told) in [
        (place.0.path().join("nowhere/checksums"), 1),
        (place.file("a.zip").join("checksums"), 2),
        (folder, 2),
        (pipe, 1),
    ] {
        let log = Log::keep();
        let memory = remembering(&file, &Arc::<Count>::default()).await;
        place.learn(&memory, &["a.zip"]).await;
        assert_eq!(place.sums(&memory, "a.zip").await, of(b"first"));
        memory.close().await;
        let name = file.display().to_string();
        assert_eq!(log.count(&["WARN", &name]), told, "{}", log.text());
        assert_eq!(log.count(&["WARN"]), told);
    }
}

#[tokio::test]
async fn who_only_reads_writes_nothing() {
    let place = Place::new();
    place.put("a.zip", b"first");
    let open = || {
        Memory::open(Options {
            file: Some(place.state()),
            read_only: true,
            workers: 1,
            progress: Arc::<Count>::default(),
            tasks: Tasks::default(),
        })
    };
    let memory = open().await;
    place.learn(&memory, &["a.zip"]).await;
    memory.close().await;
    assert!(!place.state().exists());

    let (memory, _) = place.memory().await;
    place.learn(&memory, &["a.zip"]).await;
    assert_eq!(place.sums(&open().await, "a.zip").await, of(b"first"));
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_when_it_is_old() {
    let place = Place::new();
    let beside = |name: &str| place.0.path().join(name);
    for name in [".checksums.old.new", ".checksums.young.new", ".other.old.new"] {
        fs::write(beside(name), "half").unwrap();
        if name.contains("old") {
            let hour_ago = SystemTime::now() - Duration::from_hours(1);
            let file = fs::OpenOptions::new().write(true).open(beside(name)).unwrap();
            file.set_times(FileTimes::new().set_modified(hour_ago)).unwrap();
        }
    }
    place.memory().await;
    assert!(!beside(".checksums.old.new").exists());
    assert!(beside(".checksums.young.new").exists(), "somebody may be writing it");
    assert!(beside(".other.old.new").exists());
}

/// Two services write in turn, and a reader sees the file of one or of the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_with_one_file_leave_it_whole() {
    let place = Arc::new(Place::new());
    let names: Vec<_> = (0..40).map(|number| format!("{number}.zip")).collect();
    for name in &names {
        fs::write(place.file(name), name).unwrap();
    }
    let serve = |names: Vec<String>| {
        let place = Arc::clone(&place);
        tokio::spawn(async move {
            let (memory, _) = place.memory().await;
            for name in names {
                place.learn(&memory, &[&name]).await;
            }
        })
    };
    let both = [serve(names.clone()), serve(names.iter().rev().cloned().collect())];
    let mut looks = 0;
    while !both.iter().all(tokio::task::JoinHandle::is_finished) {
        if let Ok(text) = fs::read_to_string(place.state()) {
            looks += 1;
            assert!(text.lines().last().unwrap().starts_with("{\"end\":"), "{text}");
        }
        tokio::task::yield_now().await;
    }
    assert!(looks > 0);
    for one in both {
        one.await.unwrap();
    }
    let (memory, _) = place.memory().await;
    assert_eq!(place.sums(&memory, "39.zip").await, of(b"39.zip"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No bytes in the file make a wrong checksum or a panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        at in 0..2_000_usize,
        cut in 0..300_usize,
        is_ours in any::<bool>(),
    ) {
        thread_local! {
            static GOOD: (Place, Vec<u8>) = {
                let place = Place::new();
                let good = written(&place);
                (place, good)
            };
        }
        GOOD.with(|(place, good)| {
            let mut text = if is_ours { good.clone() } else { Vec::new() };
            let at = at.min(text.len());
            let to = (at + cut).min(text.len());
            text.splice(at..to, bytes);
            let wanted = if text == *good { of(b"first") } else { Sums::Unknown };
            prop_assert_eq!(begun_with(place, &text).0, wanted);
            Ok(())
        })?;
    }
}
