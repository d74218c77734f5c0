//! Bodies stream both ways, whole and byte for byte.

use std::time::Duration;

use testkit::client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::in_front_of;
use super::upstream::{Reaction, Upstream, page};

const MEBIBYTE: usize = 1024 * 1024;
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// The most bytes that loopback sockets hold in all, generously.
const IN_SOCKETS: usize = 36 * MEBIBYTE;

#[tokio::test]
async fn a_large_upload_waits_for_the_site_and_arrives_whole() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    upstream.read(false);
    let size = 50 * MEBIBYTE;
    let mut stream = server.client.connect().await;
    let head = format!(
        "POST /index.php HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b'u'; 64 * 1024];
    let mut sent = 0;
    // While the site does not read, only as many bytes as fit into sockets may leave the client.
    while sent < size {
        match timeout(Duration::from_secs(2), stream.write(&chunk)).await {
            Ok(written) => sent += written.unwrap(),
            Err(_) => break,
        }
    }
    assert!(sent < IN_SOCKETS, "{sent} bytes are gone, and the site has not read them");
    upstream.read(true);
    while sent < size {
        sent += stream.write(&chunk[..chunk.len().min(size - sent)]).await.unwrap();
    }
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
    let found = upstream.take_one();
    assert_eq!(found.length, size);
    assert_eq!(found.sum, size as u64 * u64::from(b'u'));
    assert_eq!(found.header("content-length"), size.to_string());
}

#[tokio::test]
async fn a_large_download_waits_for_the_client_and_arrives_whole() {
    let size = 50 * MEBIBYTE;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").into_bytes();
    let upstream = Upstream::with(move |_| Reaction::Large(head.clone(), size)).await;
    let server = in_front_of(&upstream).await;
    let mut stream = server.client.connect().await;
    stream.write_all(b"GET /l HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    // The client does not read until the site can send no more.
    let mut before = usize::MAX;
    while upstream.sent() != before {
        before = upstream.sent();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(before < IN_SOCKETS, "{before} bytes are gone, and the client has not read them");
    let reply = client::read(&mut stream).await;
    assert_eq!(reply.header("content-length"), size.to_string());
    assert_eq!(reply.body.len(), size);
    assert!(reply.body.iter().all(|byte| *byte == b'x'));
}

#[tokio::test]
async fn an_answer_streams_before_it_is_complete() {
    let first = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let upstream = Upstream::with(move |_| Reaction::Pause(first.clone(), b"world".to_vec())).await;
    let server = in_front_of(&upstream).await;
    let mut stream = server.client.connect().await;
    stream.write_all(b"GET /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"hello") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    upstream.release();
    stream.read_to_end(&mut seen).await.unwrap();
    assert!(seen.ends_with(b"helloworld"));
}

#[tokio::test]
async fn forms_longer_than_what_is_looked_at_lose_nothing() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for length in [0, 1, 64 * 1024 - 2, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 3 * MEBIBYTE / 4] {
        let body = format!("a={}", "z".repeat(length));
        let reply = server.client.send("POST", "/index.php", &[FORM], body.as_bytes()).await;
        assert_eq!(reply.status, 200);
        let found = upstream.take_one();
        assert!(found.body == body.as_bytes(), "{length}: {} bytes arrived", found.body.len());
        assert_eq!(found.header("content-length"), body.len().to_string());
    }
}

#[tokio::test]
async fn a_field_that_makes_it_ours_is_found_at_the_start_of_a_long_form() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let padding = "z".repeat(100 * 1024);
    let ours = format!("action=post&module=release&resource=x&pad={padding}");
    let reply = server.client.send("POST", "/packages", &[FORM], ours.as_bytes()).await;
    assert_eq!(reply.code(), "REQ_RUN");
    assert!(upstream.requests().is_empty());
    let late = format!("pad={padding}&action=post&module=release&resource=x");
    let reply = server.client.send("POST", "/packages", &[FORM], late.as_bytes()).await;
    assert_eq!(reply.text(), "the site");
    assert_eq!(upstream.take_one().body, late.as_bytes());
}

#[tokio::test]
async fn the_module_in_a_multipart_form_is_found() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let kind = [("Content-Type", "multipart/form-data; boundary=b")];
    for (module, is_ours) in [("release", true), ("user", false)] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"module\"\r\n\r\n{module}\r\n\
             --b\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\npost\r\n--b--\r\n"
        );
        let reply = server.client.send("POST", "/packages", &kind, body.as_bytes()).await;
        let arrived = upstream.take();
        assert_eq!(arrived.is_empty(), is_ours, "{module}");
        if is_ours {
            assert_eq!(reply.code(), "REQ_RUN");
        } else {
            assert_eq!(arrived[0].body, body.as_bytes());
        }
    }
}

#[tokio::test]
async fn chunks_go_on_as_chunks() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for verb in ["POST", "PUT", "GET"] {
        let headers = [("Transfer-Encoding", "chunked")];
        let body = b"5\r\nhello\r\n0\r\n\r\n";
        let reply = server.client.send(verb, "/upload", &headers, body).await;
        assert_eq!(reply.status, 200, "{verb}");
        let found = upstream.take_one();
        assert_eq!(found.header("transfer-encoding"), "chunked", "{verb}");
        assert_eq!(found.header("content-length"), "");
        assert_eq!(found.body, body, "{verb}");
    }
}

#[tokio::test]
async fn trailers_are_dropped() {
    let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
                  5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";
    let upstream = Upstream::with(|_| Reaction::Reply(bytes.to_vec())).await;
    let server = in_front_of(&upstream).await;
    let reply = server.get("/page").await;
    assert_eq!(reply.text(), "5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(reply.header("trailer"), "");
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_hears_it() {
    let upstream = Upstream::with(|_| Reaction::Reply(page("done"))).await;
    let server = in_front_of(&upstream).await;
    let mut stream = server.client.connect().await;
    let head = "POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\
                Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    assert!(seen.starts_with(b"HTTP/1.1 100 "), "{:?}", String::from_utf8_lossy(&seen));
    stream.write_all(b"hello").await.unwrap();
    stream.read_to_end(&mut seen).await.unwrap();
    assert!(seen.ends_with(b"done"));
    assert_eq!(upstream.take_one().body, b"hello");
}
