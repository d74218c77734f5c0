//! A site that is down, silent or dies; clients that disconnect; loops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testkit::fixture::Schema;
use testkit::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::upstream::{Reaction, Upstream, page};
use super::{configured, in_front_of};
use crate::common::site::Site;

#[tokio::test]
async fn a_site_that_is_down_makes_a_page_with_502_and_ours_go_on() {
    let upstream = Upstream::start().await;
    // The port is bound but has no listener: connections are refused, and no other test gets the
    // port.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = closed.local_addr().unwrap();
    let server = configured(&upstream, |config| {
        config.fallback.upstream = Some(format!("http://{port}").parse().unwrap());
    })
    .await;
    let reply = server.get("/page").await;
    assert_eq!(reply.status, 502);
    assert!(reply.text().contains("The site does not answer"), "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(server.code("/packages/post/release/validate/redj_enterprise").await, "REL_ENS");
}

#[tokio::test]
async fn a_silent_site_makes_a_page_with_504() {
    let upstream = Upstream::with(|_| Reaction::Hang).await;
    let server = configured(&upstream, |config| config.fallback.idle_timeout = 1).await;
    let reply = server.get("/page").await;
    assert_eq!(reply.status, 504);
    assert!(reply.text().contains("takes too long"), "{}", reply.text());
    upstream.until_gone(1).await;
}

#[tokio::test]
async fn a_client_that_falls_silent_in_his_upload_makes_408() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| config.fallback.idle_timeout = 1).await;
    let mut stream = server.client.connect().await;
    let head = "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 408 "), "{reply}");
    upstream.until_gone(1).await;
}

#[tokio::test]
async fn a_part_of_an_answer_never_looks_like_the_whole() {
    let with_length = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".to_vec();
    for (bytes, whole) in [(with_length, "\r\n\r\nhello"), (chunked, "0\r\n\r\n")] {
        let upstream = Upstream::with(move |_| Reaction::ReplyAndClose(bytes.clone())).await;
        let server = in_front_of(&upstream).await;
        let reply = server.get("/page").await;
        assert_eq!(reply.status, 200);
        let announced = reply.header("content-length");
        if announced.is_empty() {
            assert!(!reply.text().ends_with(whole), "{}", reply.text());
        } else {
            assert_eq!((announced, reply.body.len()), ("10", 5));
        }
    }
}

#[tokio::test]
async fn an_answer_that_falls_silent_is_cut_off() {
    let first = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".to_vec();
    let upstream = Upstream::with(move |_| Reaction::Pause(first.clone(), Vec::new())).await;
    let server = configured(&upstream, |config| config.fallback.idle_timeout = 1).await;
    let reply = server.get("/page").await;
    assert_eq!((reply.header("content-length"), reply.body.len()), ("10", 5));
    upstream.until_gone(1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_frees_the_site() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec();
    let upstream = Upstream::with(move |_| Reaction::Large(head.clone(), 1 << 30)).await;
    let server = in_front_of(&upstream).await;
    let mut stream = server.client.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut some = vec![0; 1024];
    stream.read_exact(&mut some).await.unwrap();
    drop(stream);
    upstream.until_gone(1).await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_no_complete_one_for_the_site() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for head in [
        "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhello",
        "PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let mut stream = server.client.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        drop(stream);
    }
    upstream.until_gone(2).await;
    for found in upstream.take() {
        assert!(found.length < 50 && !found.body.ends_with(b"0\r\n\r\n"), "{found:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_costs_no_request() {
    let upstream = Upstream::with(|_| Reaction::ReplyAndClose(page("once"))).await;
    let server = in_front_of(&upstream).await;
    for verb in ["GET", "POST", "GET", "POST", "GET"] {
        let reply = server.client.send(verb, "/page", &[], b"").await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "once"), "{verb}");
    }
    assert_eq!(upstream.take().len(), 5, "none is sent twice");
}

#[tokio::test]
async fn what_changes_something_is_never_sent_twice() {
    let upstream = Upstream::with(|_| Reaction::ReplyAndClose(Vec::new())).await;
    let server = in_front_of(&upstream).await;
    let reply = server.client.send("POST", "/order", &[], b"one").await;
    assert_eq!(reply.status, 502);
    assert_eq!(upstream.take().len(), 1);
    assert_eq!(server.client.send("DELETE", "/order", &[], b"").await.status, 502);
    assert_eq!(upstream.take().len(), 1);
}

#[tokio::test]
async fn what_only_reads_is_sent_once_more_when_its_connection_breaks() {
    let first = AtomicBool::new(true);
    let upstream = Upstream::with(move |_| {
        if first.swap(false, Ordering::SeqCst) {
            Reaction::ReplyAndClose(Vec::new())
        } else {
            Reaction::ReplyAndClose(page("again"))
        }
    })
    .await;
    let server = in_front_of(&upstream).await;
    assert_eq!(server.get("/page").await.text(), "again");
    assert_eq!(upstream.take().len(), 2);
    let dead = Upstream::with(|_| Reaction::ReplyAndClose(Vec::new())).await;
    let server = in_front_of(&dead).await;
    assert_eq!(server.get("/page").await.status, 502);
    assert_eq!(dead.take().len(), 2, "once more, and no further");
}

#[tokio::test]
async fn connections_to_the_site_are_kept() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for _ in 0..3 {
        server.get("/page").await;
    }
    let connections: Vec<_> = upstream.take().iter().map(|found| found.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

#[tokio::test]
async fn a_bridge_in_front_of_itself_says_508() {
    let mut site = Site::new(Schema::Sqlite).await;
    let own = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    site.config.server.listen = own.to_string().parse().unwrap();
    // A start with its own address as the upstream would be refused.
    let proxy = Proxy::before(own.port()).await;
    site.config.fallback.upstream = Some(format!("http://{}", proxy.address).parse().unwrap());
    let server = site.serve().await;
    let reply = tokio::time::timeout(Duration::from_secs(20), server.get("/page")).await.unwrap();
    assert_eq!(reply.status, 508);
}
