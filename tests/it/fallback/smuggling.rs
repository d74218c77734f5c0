//! Requests that the bridge and the site's web server could read differently.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::in_front_of;
use super::upstream::Upstream;
use crate::common::client::{self, Reply};
use crate::common::site::Server;

async fn raw(server: &Server, bytes: &[u8]) -> Reply {
    let mut stream = server.client.connect().await;
    stream.write_all(bytes).await.unwrap();
    client::read(&mut stream).await
}

#[tokio::test]
async fn contradictory_lengths_are_refused() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let body = "\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "transfer-encoding:\tchunked \r\nX: 1\r\ncontent-length: 4",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: 4, 5",
        "Content-Length: +4",
        "Content-Length: -1",
        "Content-Length: 0x4",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Content-Length : 4",
    ] {
        let request =
            format!("POST /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}{body}");
        let reply = raw(&server, request.as_bytes()).await;
        assert_eq!(reply.status, 400, "{lines}");
        assert!(upstream.take().is_empty(), "{lines}");
    }
}

#[tokio::test]
async fn contradictory_lengths_are_found_behind_an_earlier_request() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let hostile = "POST /page HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
                   Content-Length: 4\r\n\r\n0\r\n\r\n";
    for first in [
        "POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody",
        "PUT /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
         4;x=y\r\nbody\r\n0\r\nX-Trailer: 1\r\n\r\n",
    ] {
        let mut stream = server.client.connect().await;
        stream.write_all(first.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"the site") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
        }
        assert_eq!(upstream.take_one().target(), "/first");
        stream.write_all(hostile.as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.status, 400);
        assert!(upstream.take().is_empty());
    }
}

#[tokio::test]
async fn codings_besides_chunked_are_refused() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let request = "POST /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                   Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(raw(&server, request.as_bytes()).await.status, 501);
    assert!(upstream.take().is_empty());
}

#[tokio::test]
async fn two_hosts_are_refused() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for request in [
        "GET /page HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "GET http://a/page HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
        "GET /page HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ] {
        assert_eq!(raw(&server, request.as_bytes()).await.status, 400, "{request}");
        assert!(upstream.take().is_empty(), "{request}");
    }
}

#[tokio::test]
async fn a_request_that_names_no_host_gets_the_sites() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    raw(&server, b"GET /page HTTP/1.0\r\n\r\n").await;
    assert_eq!(upstream.take_one().header("Host"), upstream.address.to_string());
    raw(&server, b"GET http://a/page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let found = upstream.take_one();
    assert_eq!((found.target(), found.header("Host")), ("/page", "a"));
}

#[tokio::test]
async fn ordinary_targets_go_on_byte_for_byte() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for target in [
        "/",
        "/?",
        "/?a=1&b[]=2&c=%zz&../..",
        "/page?next=/a/../b%2f..",
        "//double//slash/",
        "/a;b=1/c+d/%20e/%C3%A9/é/%7Euser/.well-known/x",
        "/a%2Bb/100%25/%e4%f6/...",
        "/{a}|b^c'\\d",
        "/images/logo.png?v=2",
    ] {
        assert_eq!(server.get(target).await.status, 200, "{target}");
        assert_eq!(upstream.take_one().target(), target);
    }
}

#[tokio::test]
async fn what_is_sent_is_what_was_judged() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for (target, sent) in [
        ("/a/../b", "/b"),
        ("/a/./b/", "/a/b/"),
        ("/a/%2e%2E/b?x=..", "/b?x=.."),
        ("/a/.%2e/é+%2B", "/é+%2B"),
        ("/a%2Fb", "/a/b"),
        ("/a%2f..%2fb", "/b"),
        ("/x//%2e//y", "/x/y"),
        ("/a/..", "/"),
        ("/packages/%2e%2e/page", "/page"),
    ] {
        assert_eq!(server.get(target).await.status, 200, "{target}");
        assert_eq!(upstream.take_one().target(), sent, "{target}");
    }
    for target in ["/..", "/%2e%2e/etc/passwd", "/a/../../b", "/a%00b", "/a%2f..%2f..%2fb"] {
        assert_eq!(server.get(target).await.status, 400, "{target}");
        assert!(upstream.take().is_empty(), "{target}");
    }
}

#[tokio::test]
async fn detours_do_not_hide_ours() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for target in [
        "/x/../packages/post/release/validate/redj_enterprise",
        "/x/%2e%2e/packages/post/release/validate/redj_enterprise",
        "/packages%2fpost%2Frelease/validate/redj_enterprise",
        "//packages//post/release/validate/redj_enterprise",
    ] {
        assert_eq!(server.code(target).await, "REL_ENS", "{target}");
    }
    assert!(upstream.take().is_empty());
}
