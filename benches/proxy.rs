//! The site through the bridge, next to its own nginx and PHP directly.
//!
//! All of them and the clients share this machine, and take turns in one run. Prints requests per
//! second for a small file and a PHP page, and MiB per second for a large file, of both.
//!
//! Run with `cargo bench --bench proxy`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark that cannot run is meant to stop"
)]

#[allow(dead_code, unreachable_pub, reason = "the tests' harness has more than is needed here")]
#[path = "../tests/it/common/mod.rs"]
mod common;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::site::Site;
use testkit::fixture::Schema;
use testkit::nginx::Nginx;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
const LARGE: usize = 64 * 1024 * 1024;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // The lines of the log are made, as in operation, but go nowhere.
    tracing_subscriber::fmt().with_writer(std::io::sink).init();
    let nginx = Nginx::start();
    fs::write(nginx.root().join("small.txt"), vec![b's'; 1024]).unwrap();
    fs::write(nginx.root().join("large.bin"), vec![b'l'; LARGE]).unwrap();
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.fallback.upstream = Some(format!("http://{}", nginx.address).parse().unwrap());
    let server = site.serve().await;

    for (target, connections, unit, scale) in [
        ("/small.txt", 32, "requests/s", None),
        ("/page", 8, "requests/s", None),
        ("/large.bin", 4, "MiB/s", Some(1024.0 * 1024.0)),
    ] {
        let mut sums = [0.0, 0.0];
        for round in 0..=ROUNDS {
            let time = if round == 0 { WARM_UP } else { ROUND };
            for (sum, address) in sums.iter_mut().zip([&server.client.address, &nginx.address]) {
                let (requests, bytes) = measure(address, target, connections, time).await;
                if round > 0 {
                    *sum += scale.map_or(requests, |scale| bytes / scale);
                }
            }
        }
        let [bridge, direct] = sums.map(|sum| sum / ROUNDS as f64);
        println!(
            "{target}, {connections} connections: through the bridge {bridge:.0} {unit}, directly \
             {direct:.0} {unit}: {:.0} %",
            100.0 * bridge / direct
        );
    }
    server.stopped().await;
}

/// Requests and bytes of bodies per second over all connections.
async fn measure(address: &str, target: &str, connections: usize, time: Duration) -> (f64, f64) {
    let (requests, bytes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let request: Arc<str> = format!("GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n").into();
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let address = address.to_owned();
        let (requests, bytes) = (Arc::clone(&requests), Arc::clone(&bytes));
        let request = Arc::clone(&request);
        clients.spawn(async move {
            let mut stream = connect(&address).await;
            let mut buffer = vec![0; 256 * 1024];
            while started.elapsed() < time {
                // nginx closes a connection after a thousand requests.
                if stream.write_all(request.as_bytes()).await.is_err() {
                    stream = connect(&address).await;
                    continue;
                }
                let Some(length) = answer(&mut stream, &mut buffer).await else {
                    stream = connect(&address).await;
                    continue;
                };
                requests.fetch_add(1, Ordering::Relaxed);
                bytes.fetch_add(length, Ordering::Relaxed);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = |count: &AtomicU64| count.load(Ordering::Relaxed) as f64 / seconds;
    (rate(&requests), rate(&bytes))
}

async fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads one answer, which must be a success; the length of its body, or `None` for a connection
/// that was closed before it.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Option<u64> {
    let mut filled = 0;
    let (head, mut body) = loop {
        let read = stream.read(&mut buffer[filled..]).await.ok().filter(|read| *read > 0)?;
        filled += read;
        let end = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            break (head, filled - end - 4);
        }
    };
    assert!(head.starts_with("http/1.1 200"), "{head}");
    if head.contains("\r\ntransfer-encoding: chunked") {
        while !buffer[..filled].ends_with(b"\r\n0\r\n\r\n") {
            let read = stream.read(&mut buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            filled += read;
            body += read;
        }
        return Some(body as u64);
    }
    let (_, length) = head.split_once("\r\ncontent-length: ").expect("a length");
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    while body < length {
        let read = stream.read(buffer).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        body += read;
    }
    Some(length as u64)
}
