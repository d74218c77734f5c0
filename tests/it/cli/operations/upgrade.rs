//! A new program takes over the socket of the old one, and no request is lost.

use std::net::TcpListener;

use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::load::Load;
use super::{PATIENCE, Service, configure, eventually, site, usual};

/// More bytes than the buffers between server and client hold.
const LONG: u64 = 64 * 1024 * 1024;

/// Begins a download.
async fn begin_download(address: &str, root: &std::path::Path) -> TcpStream {
    let file = root.join("files/public/joomla/redj/small.zip");
    std::fs::File::options().write(true).open(file).unwrap().set_len(LONG).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /packages/get/release/download/small HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    timeout(PATIENCE, stream.readable()).await.unwrap().unwrap();
    stream
}

async fn finish_download(stream: &mut TcpStream) -> u64 {
    let mut total = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match timeout(PATIENCE, stream.read(&mut buffer)).await.unwrap().unwrap() {
            0 => return total,
            read => total += read as u64,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_when_programs_change_on_a_socket() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &(usual() + "log.level = 'warn,jbackend_bridge::cli=info'\n"));
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut old = Service::on(&site, &socket).await;
    let load = Load::begin(&address);
    load.further(200).await;
    let mut download = begin_download(&address, site.folder.path()).await;

    // Two instances of a unit share a socket: the new one starts before the old one stops.
    let new = Service::on(&site, &socket).await;
    load.further(100).await;
    old.signal("TERM").await;
    old.logs("stopping", 1).await;
    load.further(100).await;
    assert!(finish_download(&mut download).await > LONG);
    old.ended().await;
    old = new;
    load.further(100).await;

    // One unit restarts: clients wait in the socket's queue meanwhile.
    for _ in 0..3 {
        old.signal("TERM").await;
        old.ended().await;
        old = Service::on(&site, &socket).await;
        load.further(100).await;
    }
    let (answers, failed) = load.end().await;
    assert!(answers >= 800);
    assert_eq!(failed, [""; 0]);
    old.signal("TERM").await;
    old.ended().await;
}

/// A connection without a request yet must stay open at the stop: the request may be on its way.
#[tokio::test]
async fn regression_a_request_on_its_way_at_the_stop_was_not_answered() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let mut fresh = service.client.connect().await;
    let mut kept = service.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", super::validate());
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut first = vec![0; 4096];
    assert!(timeout(PATIENCE, kept.read(&mut first)).await.unwrap().unwrap() > 0);
    // The gauge counts both: they are accepted.
    eventually("both connections", async || {
        service.metric("jbackend_bridge_connections").await == Some(2.0)
    })
    .await;
    service.signal("TERM").await;
    service.logs("stopping", 1).await;
    for stream in [&mut fresh, &mut kept] {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.contains("connection: close\r\n"), "{answer}");
        assert!(answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    }
    service.ended().await;
}

/// If the service opens its own socket, no other process takes over its queue.
#[tokio::test]
async fn regression_clients_in_the_queue_were_cut_off() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &(usual() + "server.max_connections = 1\n"));
    let service = Service::start(&site).await;
    let mut kept = service.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", super::validate());
    kept.write_all(request.as_bytes()).await.unwrap();
    assert!(timeout(PATIENCE, kept.read(&mut [0; 4096])).await.unwrap().unwrap() > 0);
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut stream = service.client.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    service.signal("TERM").await;
    for mut stream in waiting {
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    }
    service.ended().await;
}

/// The writer of trace rows waits until the front is dropped, so the admin listener must not hold
/// it.
#[tokio::test]
async fn regression_a_stop_waited_for_its_own_admin_listener() {
    let site = site(Schema::Joomla3).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    service.get("/trace").await;
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("given up"), "{log}");
    let rows = site.rows("SELECT COUNT(*) FROM #__jbackend_logs").await;
    assert_eq!(rows[0].get::<i64, _>(0), Some(1));
}
