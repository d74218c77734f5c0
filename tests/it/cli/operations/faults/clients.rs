//! Clients that stop reading, drip, close half of the connection or reset it, many at a time.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use super::super::PATIENCE;
use super::download::{Download, TARGET, make_long};
use super::vitals::{at_rest, connections_of_clients, memory, open_below, open_files};
use super::{Service, ends_well, eventually, serving, validate};
use crate::common::site::{ALICE_KEY, PAID_FILE};

/// Clients of one kind at a time.
const MANY: usize = 40;

/// Time limits that expire while a test can wait for them.
const SHORT: &str =
    "server.header_timeout = 1\nserver.body_timeout = 1\nserver.write_timeout = 1\n";

/// Time limits that do not expire during a test.
const LONG: &str =
    "server.header_timeout = 600\nserver.body_timeout = 600\nserver.write_timeout = 600\n";

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Checks that all other clients are served as before, and that no client gets a paid package
/// without a key.
async fn others_are_served(service: &Service) {
    let paid = "/packages/get/release/download/redj_ent_190";
    assert_eq!(service.get(&validate()).await.code(), "ok");
    assert_eq!(service.get(paid).await.code(), "REL_ENS");
    let right = format!("{paid}?email=alice@example.test&key={ALICE_KEY}");
    assert_eq!(service.get(&right).await.body, PAID_FILE);
}

async fn saying(service: &Service, bytes: &[u8]) -> TcpStream {
    let mut stream = service.client.connect().await;
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Reads all bytes until the end, which may be a reset.
async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = end.expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn clients_that_stop_reading_are_dropped() {
    let (site, service) = serving(SHORT).await;
    make_long(&site);
    others_are_served(&service).await;
    let files = open_files(&service);
    let mut resident = 0;
    for round in 0..3 {
        let mut stalled = Vec::new();
        for _ in 0..MANY {
            stalled.push(Download::begin(&service).await);
        }
        others_are_served(&service).await;
        // No client has read or closed anything: the program has dropped them.
        at_rest(&service, files).await;
        assert_eq!(open_below(&service, &site.packages()), 0);
        for download in stalled {
            assert!(!download.comes_whole().await);
        }
        if round == 0 {
            resident = memory(&service);
        }
    }
    let grown = memory(&service).saturating_sub(resident);
    assert!(grown < 16 * 1024, "{grown} KiB more");
    assert!(Download::begin(&service).await.comes_whole().await, "well again");
    ends_well(service).await;
}

#[tokio::test]
async fn clients_that_say_nothing_or_drip_are_dropped() {
    let (_site, service) = serving(SHORT).await;
    others_are_served(&service).await;
    let files = open_files(&service);
    let post = format!("POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\n{FORM}");
    let length = format!("{post}Content-Length: 5000\r\n\r\n");
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n");
    // The bytes that are sent at once, the bytes that drip, and the status of the answer, if there
    // is one.
    let kinds = [
        ("", "", None),
        ("", "GET / HTTP/1.1\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", None),
        ("GET / HTTP/1.1\r\n", "X-A: b\r\nX-A: b\r\nX-A: b\r\nX-A: b\r\nX-A: b\r\nX-A: b", None),
        (&length, "", Some("408")),
        (&length, "id=redj_enterprise&email=alice@example.test&key=aaaaaaaaaaaaaaa", Some("408")),
        (&chunked, "1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n", Some("408")),
    ];
    let mut clients = JoinSet::new();
    for (at_once, drip, status) in kinds {
        for _ in 0..MANY / 4 {
            let stream = saying(&service, at_once.as_bytes()).await;
            clients.spawn(dripping(stream, drip.to_owned(), status));
        }
    }
    others_are_served(&service).await;
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    at_rest(&service, files).await;
    others_are_served(&service).await;
    ends_well(service).await;
}

/// Sends ten bytes a second, or none, until the program has closed the connection.
async fn dripping(stream: TcpStream, drip: String, status: Option<&str>) {
    let (mut read, mut write) = stream.into_split();
    let saying = tokio::spawn(async move {
        let mut ticks = interval(Duration::from_millis(100));
        for byte in drip.bytes() {
            ticks.tick().await;
            if write.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        // Keep the write half open until the program closes the connection.
        write
    });
    let mut answer = Vec::new();
    let end = timeout(PATIENCE, read.read_to_end(&mut answer)).await;
    let _ = end.expect("the connection is closed");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let said = answer.split(' ').nth(1);
    assert!(said == status || (status.is_none() && said == Some("408")), "{status:?}: {answer}");
    saying.await.unwrap();
}

/// A slow client is not a silent one: it is served, at the cost of its connection and little
/// memory.
#[tokio::test]
async fn clients_that_read_byte_by_byte_hold_little_and_hold_nobody_up() {
    let (site, service) = serving("server.download_memory = 1\n").await;
    make_long(&site);
    others_are_served(&service).await;
    let files = open_files(&service);
    let resident = memory(&service);
    let mut slow = Vec::new();
    for _ in 0..MANY {
        slow.push(Download::begin(&service).await);
    }
    for _ in 0..5 {
        for download in &mut slow {
            assert_eq!(download.read(1).await, 1);
        }
        others_are_served(&service).await;
    }
    // A client that reads is not held up by slow ones.
    assert!(Download::begin(&service).await.comes_whole().await);
    let held = service.metric("jbackend_bridge_download_memory_bytes").await.unwrap();
    assert!(held <= 1024.0 * 1024.0, "{held}");
    let grown = memory(&service).saturating_sub(resident);
    assert!(grown < 32 * 1024, "{grown} KiB for {MANY} slow clients");
    drop(slow);
    at_rest(&service, files).await;
    ends_well(service).await;
}

#[tokio::test]
async fn clients_that_close_their_side_get_what_they_asked_for() {
    let (site, service) = serving(LONG).await;
    make_long(&site);
    others_are_served(&service).await;
    let files = open_files(&service);
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    let whole = get(&validate());
    let refused = get("/packages/get/release/download/redj_ent_190");
    let half_head = "GET / HTTP/1.1\r\nX-A: ".to_owned();
    let half_body = format!(
        "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\n{FORM}Content-Length: 50\r\n\
         \r\nid=redj"
    );
    // A request that is not complete has no answer of its own.
    for (said, heard) in
        [(whole, "\"ok\""), (refused, "REL_ENS"), (half_head, ""), (half_body, "400 Bad Request")]
    {
        for _ in 0..MANY / 4 {
            let mut stream = saying(&service, said.as_bytes()).await;
            stream.shutdown().await.unwrap();
            let answer = rest(stream).await;
            assert!(answer.contains(heard) && answer.is_empty() == heard.is_empty(), "{answer}");
        }
    }
    for _ in 0..5 {
        let mut download = Download::begin(&service).await;
        download.half_close().await;
        assert!(download.comes_whole().await);
    }
    at_rest(&service, files).await;
    ends_well(service).await;
}

#[tokio::test]
async fn clients_that_reset_their_connection_leave_nothing() {
    let (site, service) = serving(LONG).await;
    make_long(&site);
    others_are_served(&service).await;
    let files = open_files(&service);
    let post = format!(
        "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\n{FORM}Content-Length: 50\r\n\
         \r\nid=redj"
    );
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    let kinds =
        [String::new(), "GET / HTT".to_owned(), post, get(&validate()), get(TARGET), get("/x")];
    let mut resident = 0;
    for round in 0..4 {
        let mut streams = Vec::new();
        for said in &kinds {
            for _ in 0..MANY / 4 {
                streams.push(saying(&service, said.as_bytes()).await);
            }
        }
        let mut downloads = Vec::new();
        for _ in 0..MANY {
            downloads.push(Download::begin(&service).await);
        }
        eventually("downloads", async || open_below(&service, &site.packages()) >= MANY).await;
        assert!(connections_of_clients(&service) >= MANY);
        for stream in streams {
            stream.set_zero_linger().unwrap();
        }
        for download in downloads {
            download.reset();
        }
        others_are_served(&service).await;
        at_rest(&service, files).await;
        assert_eq!(open_below(&service, &site.packages()), 0);
        if round == 0 {
            resident = memory(&service);
        }
    }
    let grown = memory(&service).saturating_sub(resident);
    assert!(grown < 16 * 1024, "{grown} KiB more");
    assert!(Download::begin(&service).await.comes_whole().await, "well again");
    ends_well(service).await;
}
