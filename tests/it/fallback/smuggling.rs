//! Requests that the bridge and the site's web server could read differently.

use testkit::client::{self, Reply};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::in_front_of;
use super::upstream::Upstream;
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

/// Tries every form of two requests in one: bytes that a proxy may take for a body and the bridge
/// for a request, or the other way round. The connection closes after the answer to a request with
/// `Transfer-Encoding`. So there is no second request, whichever of the two is right.
#[tokio::test]
async fn no_form_of_smuggling_makes_a_second_request() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let hidden = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = |body: &str| format!("Content-Length: {}\r\n", body.len());
    let behind = format!("0\r\n\r\n{hidden}");
    let within = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let mut requests = Vec::new();
    for coding in [
        "Transfer-Encoding: chunked\r\n",
        "transfer-encoding:\tchunked \r\n",
        "Transfer-Encoding:chunked\r\n",
        "Transfer-Encoding: CHUNKED\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n",
        "Transfer-Encoding: chunked\u{0}\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked;x=y\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding: chunked,\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "X: y\nTransfer-Encoding: chunked\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
    ] {
        for (lines, body) in [
            (length(&behind) + coding, &behind),
            (coding.to_owned() + &length(&behind), &behind),
            (format!("Content-Length: 4\r\n{coding}"), &within),
            (format!("{coding}Content-Length: 4\r\n"), &within),
        ] {
            requests.push(format!("POST /page HTTP/1.1\r\nHost: x\r\n{lines}\r\n{body}"));
        }
    }
    let chunked = "POST /page HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in [
        format!("0\r\n\r\nrubbish{hidden}"),
        format!("0\r\nX: y\r\n\r\n{hidden}"),
        format!("0\n\n{hidden}"),
        format!("0;x\n\r\n{hidden}"),
        format!("4\r\nbodyrubbish\r\n0\r\n\r\n{hidden}"),
        format!("0x0\r\n\r\n{hidden}"),
        format!("-0\r\n\r\n{hidden}"),
        format!("10000000000000000\r\n\r\n{hidden}"),
        format!("\r\n\r\n{hidden}"),
    ] {
        requests.push(chunked.to_owned() + &body);
    }
    for lines in [
        length(hidden) + "Content-Length: 0\r\n",
        "Content-Length: 0\r\n".to_owned() + &length(hidden),
        format!("Content-Length: 0, {}\r\n", hidden.len()),
        format!("Content-Length: +{}\r\n", hidden.len()),
        format!("Content-Length:\r\n {}\r\n", hidden.len()),
        length(hidden),
    ] {
        for verb in ["GET", "POST"] {
            requests.push(format!("{verb} /page HTTP/1.1\r\nHost: x\r\n{lines}\r\n{hidden}"));
        }
    }
    let mut forwarded = 0;
    for request in &requests {
        let mut stream = server.client.connect().await;
        // A server that refuses may close before it has read all bytes.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers).await;
        let answers = String::from_utf8_lossy(&answers);
        assert!(answers.matches("HTTP/1.1 ").count() < 2, "{request}\n{answers}");
        let came = upstream.take();
        assert!(came.len() < 2, "{request}\n{came:?}");
        for came in came {
            assert_eq!(came.target(), "/page", "{request}");
            let lengths = [came.all("content-length"), came.all("transfer-encoding")].concat();
            assert_eq!(lengths.len(), 1, "{request}\n{}", came.head);
            forwarded += 1;
        }
    }
    assert!(forwarded > 10, "only {forwarded} of {} were forwarded", requests.len());
}

/// A client with several requests learns that it has to connect again.
#[tokio::test]
async fn a_connection_ends_with_the_first_transfer_encoding() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let mut stream = server.client.connect().await;
    let kept = "POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
    let last = "PUT /last HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                4;x=y\r\nbody\r\n0\r\nX-Trailer: 1\r\n\r\n";
    stream.write_all([kept, last, kept].concat().as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    let _ = stream.read_to_end(&mut answers).await;
    let answers = String::from_utf8_lossy(&answers);
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert_eq!(answers.to_lowercase().matches("connection: close").count(), 1, "{answers}");
    let targets: Vec<_> = upstream.take().iter().map(|came| came.target().to_owned()).collect();
    assert_eq!(targets, ["/first", "/last"]);
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
