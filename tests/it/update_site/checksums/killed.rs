//! Processes that are killed while they write, or that may not write. Each test starts its own
//! program again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio::time::timeout;

use super::{Count, Place, of, packages_of, path, remembering, wanted};
use crate::common::log::Log;

/// The variable with the folder, in a process that a test has started.
const FOLDER: &str = "CHECKSUMS_TEST_FOLDER";

/// Makes a command that runs only this one test, in another role.
fn again(test: &str, place: &Place, shell: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("update_site::checksums::killed::{test}"), "--nocapture"])
        .env(FOLDER, place.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

const FILES: usize = 100;

#[tokio::test]
async fn a_process_killed_while_it_writes_leaves_the_file_whole() {
    if let Some(folder) = folder() {
        let packages = packages_of(&folder);
        let memory = remembering(&folder.join("checksums"), &Arc::<Count>::default()).await;
        for number in 0..FILES {
            memory.want(&packages, &wanted(&[&format!("{number}.zip")]));
            memory.idle().await;
            println!("written");
        }
        return;
    }
    let place = Place::new();
    for number in 0..FILES {
        let name = format!("{number}.zip");
        fs::write(place.file(&name), &name).unwrap();
    }
    let log = Log::keep();
    for turn in 0..8 {
        let _ = fs::remove_file(place.state());
        let test = "a_process_killed_while_it_writes_leaves_the_file_whole";
        let mut child = again(test, &place, "").spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let told = out.lines().map_while(Result::ok).filter(|line| line.ends_with("written"));
        let written = told.take(1 + turn * 9).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(written, 1 + turn * 9, "it was there to be killed");
        let (memory, _) = place.memory().await;
        for number in 0..written {
            let name = format!("{number}.zip");
            assert_eq!(place.sums(&memory, &name).await, of(name.as_bytes()));
        }
        assert_eq!(log.count(&["WARN"]), 0, "{}", log.text());
    }
}

/// This is like a full disk, except that the system kills a process that does not handle the
/// signal.
#[tokio::test]
async fn a_file_that_may_not_grow_is_told_once() {
    if let Some(folder) = folder() {
        let log = Log::keep();
        let packages = packages_of(&folder);
        let memory = remembering(&folder.join("checksums"), &Arc::<Count>::default()).await;
        for name in ["a.zip", "b.zip"] {
            memory.want(&packages, &wanted(&[name]));
            memory.idle().await;
        }
        memory.close().await;
        let file = packages.open(&path("b.zip")).await.unwrap();
        let sums = memory.checksums(&path("b.zip"), &file);
        println!("goes on: {}", sums == of(b"second"));
        println!("told: {}", log.count(&["WARN", "checksums cannot be remembered", "too large"]));
        return;
    }
    let place = Place::new();
    place.put("a.zip", b"first");
    place.put("b.zip", b"second");
    let test = "a_file_that_may_not_grow_is_told_once";
    let child = tokio::process::Command::from(again(test, &place, "ulimit -f 0;")).output();
    let output = timeout(super::PATIENCE, child).await.expect("an end").unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{} {out}", output.status);
    assert!(out.contains("goes on: true") && out.contains("told: 1"), "{out}");
    assert!(!place.state().exists());
    let left = fs::read_dir(place.0.path()).unwrap().count();
    assert_eq!(left, 1, "only the package folder: nothing unfinished is left");
}
