//! Headers on the way to the site and back.

use jbackend_bridge::config::Config;

use super::upstream::{Reaction, Upstream, answer};
use super::{configured, in_front_of};

/// Trusts no proxy, as for clients that come without one.
fn alone(config: &mut Config) {
    config.server.trusted_proxies = Vec::new();
}

#[tokio::test]
async fn headers_of_the_request_reach_the_site_as_they_are() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let given = [
        ("Cookie", "a=1; b=2"),
        ("Authorization", "Basic eDp5"),
        ("Accept-Encoding", "gzip, br"),
        ("X-Twice", "one"),
        ("X-Twice", "two"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("Range", "bytes=0-9"),
    ];
    server.client.send("GET", "/page", &given, b"").await;
    let found = upstream.take_one();
    for (name, value) in given {
        assert!(found.all(name).contains(&value), "{name} in\n{}", found.head);
    }
    assert_eq!(found.all("X-Twice"), ["one", "two"]);
    assert_eq!(found.header("Host"), server.client.address);
}

#[tokio::test]
async fn what_is_about_the_connection_stays_behind() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let given = [
        ("Connection", "close, X-Secret-Hop, Keep-Alive"),
        ("X-Secret-Hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "trailers"),
        ("Proxy-Authorization", "Basic eDp5"),
        ("Proxy-Connection", "keep-alive"),
        ("Proxy", "http://evil.example:8080"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
    ];
    server.client.send("GET", "/page", &given, b"").await;
    let found = upstream.take_one();
    for (name, _) in given {
        assert!(found.all(name).is_empty(), "{name} in\n{}", found.head);
    }
}

#[tokio::test]
async fn naming_a_header_in_connection_takes_nothing_away_that_matters() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let given = [
        (
            "Connection",
            "close, Host, Content-Length, Content-Type, Cookie, Authorization, X-Forwarded-For, \
             X-Forwarded-Proto, X-Real-IP, CDN-Loop",
        ),
        ("Cookie", "a=1"),
        ("Authorization", "Basic eDp5"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Forwarded-For", "203.0.113.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Real-IP", "203.0.113.9"),
    ];
    server.client.send("POST", "/page", &given, b"a=1").await;
    let found = upstream.take_one();
    assert_eq!(found.header("Host"), server.client.address);
    assert_eq!(found.header("Content-Length"), "3");
    assert_eq!(found.header("Content-Type"), "application/x-www-form-urlencoded");
    assert_eq!(found.header("Cookie"), "a=1");
    assert_eq!(found.header("X-Forwarded-For"), "203.0.113.9, 127.0.0.1");
    assert_eq!(found.header("X-Forwarded-Proto"), "https");
    assert_eq!(found.header("X-Real-IP"), "203.0.113.9");
    assert!(found.header("CDN-Loop").starts_with("jbackend-bridge-"));
}

#[tokio::test]
async fn nobody_believes_what_a_client_says_about_himself() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, alone).await;
    let given = [
        ("X-Forwarded-For", "203.0.113.9"),
        ("X_Forwarded_For", "203.0.113.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Port", "444"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
    ];
    server.client.send("GET", "/page", &given, b"").await;
    let found = upstream.take_one();
    assert_eq!(found.header("X-Forwarded-For"), "127.0.0.1");
    assert_eq!(found.header("X-Forwarded-Proto"), "http");
    assert_eq!(found.header("X-Forwarded-Host"), server.client.address);
    for name in ["X_Forwarded_For", "X-Forwarded-Port", "Forwarded", "X-Real-IP"] {
        assert!(found.all(name).is_empty(), "{name} in\n{}", found.head);
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed_and_its_chain_goes_on() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let given = [
        ("X-Forwarded-For", "198.51.100.1, 203.0.113.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "www.example.com"),
    ];
    server.client.send("GET", "/page", &given, b"").await;
    let found = upstream.take_one();
    assert_eq!(found.header("X-Forwarded-For"), "198.51.100.1, 203.0.113.9, 127.0.0.1");
    assert_eq!(found.header("X-Forwarded-Proto"), "https");
    assert_eq!(found.header("X-Forwarded-Host"), "www.example.com");
}

#[tokio::test]
async fn answers_come_back_without_offload_orders_and_hop_headers() {
    let headers = "Content-Type: text/html\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
                   X-Accel-Redirect: /files/private/x.zip\r\nX-Accel-Buffering: no\r\n\
                   X-Sendfile: /etc/passwd\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
                   Keep-Alive: timeout=5\r\nX-Kept: yes\r\n";
    let bytes = answer("404 Not Found", headers, b"gone");
    let upstream = Upstream::with(move |_| Reaction::Reply(bytes.clone())).await;
    let server = in_front_of(&upstream).await;
    let reply = server.get("/page").await;
    assert_eq!((reply.status, reply.text().as_str()), (404, "gone"));
    assert_eq!(reply.header("x-kept"), "yes");
    assert_eq!(reply.header("set-cookie"), "b=2", "the last of the two in a map");
    for name in ["x-accel-redirect", "x-accel-buffering", "x-sendfile", "x-hop", "keep-alive"] {
        assert_eq!(reply.header(name), "", "{name}");
    }
    let server = configured(&upstream, |config| config.fallback.pass_offload_headers = true).await;
    let reply = server.get("/page").await;
    assert_eq!(reply.header("x-accel-redirect"), "/files/private/x.zip");
    assert_eq!(reply.header("x-sendfile"), "/etc/passwd");
}

#[tokio::test]
async fn answers_without_a_body_stay_without_one() {
    let upstream = Upstream::with(|request| {
        Reaction::Reply(match request.head.split(' ').next().unwrap() {
            "HEAD" => b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n".to_vec(),
            "DELETE" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            _ => b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n".to_vec(),
        })
    })
    .await;
    let server = in_front_of(&upstream).await;
    let head = server.client.send("HEAD", "/page", &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "1234", 0));
    let deleted = server.client.send("DELETE", "/page", &[], b"").await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    let same = server.client.send("GET", "/page", &[("If-None-Match", "\"x\"")], b"").await;
    assert_eq!((same.status, same.header("etag"), same.body.len()), (304, "\"x\"", 0));
}

#[tokio::test]
async fn a_websocket_is_refused_and_does_not_reach_the_site() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    let given = [("Connection", "close, Upgrade"), ("Upgrade", "websocket")];
    let reply = server.client.send("GET", "/socket", &given, b"").await;
    assert_eq!(reply.status, 501);
    assert!(upstream.requests().is_empty());
}
