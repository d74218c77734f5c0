//! How fast a package body is read, without a network: the upper limit of a download.
//!
//! Run with `cargo bench --bench file_body`.

#![allow(clippy::expect_used, reason = "a benchmark that cannot run is meant to stop")]

use std::{fs::File, hint::black_box, path::Path, sync::Arc};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::StreamExt;
use jbackend_bridge::{
    http::download::{
        budget::{Budget, DEFAULT_BUDGET},
        file_body::{DownloadError, FileBody},
    },
    packages::PackageFile,
};
use tokio::io::AsyncReadExt;

const SIZE: usize = 10 * 1024 * 1024;

fn bodies(criterion: &mut Criterion) {
    let package = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(package.path(), vec![b'x'; SIZE]).expect("room for the package");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("10 MB in the page cache");
    group.throughput(Throughput::Bytes(SIZE as u64));
    for (name, bytes) in [("large chunks", DEFAULT_BUDGET), ("budget used up", 0)] {
        let budget = Budget::new(bytes);
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(drain(package.path(), &budget)).expect("a body"));
        });
    }
    group.bench_function("tokio::fs, 256 KiB", |bencher| {
        bencher.iter(|| runtime.block_on(drain_tokio(package.path())).expect("a body"));
    });
    group.finish();
}

async fn drain(path: &Path, budget: &Arc<Budget>) -> Result<usize, DownloadError> {
    let file = File::open(path).expect("the package");
    let file = PackageFile::new(file, "a.zip").expect("its metadata");
    let file = file.expect("a regular file");
    let range = 0..file.len();
    let mut body = FileBody::new(file, range, budget);
    let mut sum = 0;
    while let Some(chunk) = body.next().await {
        sum += black_box(chunk?).len();
    }
    Ok(sum)
}

/// The plain way, for comparison.
async fn drain_tokio(path: &Path) -> std::io::Result<usize> {
    let mut file = tokio::fs::File::open(path).await?;
    file.set_max_buf_size(256 * 1024);
    let mut sum = 0;
    loop {
        let mut chunk = Vec::with_capacity(256 * 1024);
        let read = file.read_buf(&mut chunk).await?;
        if read == 0 {
            return Ok(sum);
        }
        sum += black_box(chunk).len();
    }
}

criterion_group!(benches, bodies);
criterion_main!(benches);
