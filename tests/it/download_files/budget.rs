//! The memory of all downloads together is bounded, and no download stops another.

use std::{fs, io::Read, pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use jbackend_bridge::{
    http::download::{
        budget::{Budget, LARGE_CHUNK, SMALL_CHUNK},
        file_body::FileBody,
    },
    packages::PackageFile,
};

use super::{Site, eventually, handles_to, pattern};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn chunks_that_are_not_sent_stay_within_the_bound() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    fs::write(&path, pattern(4 * MIB)).unwrap();
    for total in [0, SMALL_CHUNK, 100_000, LARGE_CHUNK, MIB, 4 * MIB] {
        let budget = Budget::new(total);
        let mut bodies: Vec<FileBody> = (0..20).map(|_| body(&path, &budget)).collect();
        let mut held: Vec<Bytes> = Vec::new();
        for body in &mut bodies {
            while let Some(Some(chunk)) = body.next().now_or_never() {
                held.push(chunk.unwrap());
            }
        }
        let bytes: usize = held.iter().map(Bytes::len).sum();
        assert!(bytes <= total + 20 * SMALL_CHUNK, "{total}: {bytes}");
        assert!(bytes >= 20 * SMALL_CHUNK, "{total}: everyone got something");
        assert!(budget.in_use() <= total);
        drop(held);
        assert_eq!(budget.in_use(), 0);
    }
}

#[tokio::test]
async fn a_download_goes_on_when_nothing_is_left_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    let content = pattern(MIB + 1);
    fs::write(&path, &content).unwrap();
    let budget = Budget::new(MIB);
    let mut hoarder = body(&path, &budget);
    let mut taken = Vec::new();
    while budget.in_use() < MIB {
        taken.push(hoarder.next().await.unwrap().unwrap());
        if taken.len() % 4 == 0 {
            hoarder = body(&path, &budget);
        }
    }
    let mut received = Vec::new();
    let mut stream = pin!(body(&path, &budget));
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        assert!(chunk.len() <= SMALL_CHUNK);
        received.extend_from_slice(&chunk);
    }
    assert!(received == content);
}

#[tokio::test]
async fn a_dropped_body_gives_back_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.zip");
    fs::write(&path, pattern(MIB)).unwrap();
    let budget = Budget::new(MIB);
    let mut stream = body(&path, &budget);
    let chunk = stream.next().await.unwrap().unwrap();
    assert_eq!((chunk.len(), budget.in_use()), (LARGE_CHUNK, LARGE_CHUNK));
    drop(chunk);
    assert_eq!((budget.in_use(), handles_to(&path)), (0, 1));
    drop(stream);
    assert_eq!(handles_to(&path), 0);
}

#[test]
fn stalled_clients_stop_nobody() {
    let site = Site::with_budget(MIB);
    let content = pattern(8 * MIB);
    site.write("a.zip", &content);
    site.write_sparse("long.zip", 64 * MIB as u64);
    let mut stalled: Vec<_> = (0..40).map(|_| site.send("GET", "long.zip", &[])).collect();
    eventually("a used up budget", || site.budget.in_use() == MIB);
    assert!(site.get("a.zip", &[]).body == content);
    let mut woken = stalled.pop().unwrap();
    let mut received = Vec::new();
    woken.read_to_end(&mut received).unwrap();
    assert!(received.len() > 64 * MIB);
    drop((stalled, woken));
    eventually("memory given back", || site.budget.in_use() == 0);
    eventually("handles closed", || handles_to(&site.path("long.zip")) == 0);
}

fn body(path: &std::path::Path, budget: &Arc<Budget>) -> FileBody {
    let file = fs::File::open(path).unwrap();
    let file = PackageFile::new(file, "a.zip").unwrap().unwrap();
    let len = file.len();
    FileBody::new(file, 0..len, budget)
}
