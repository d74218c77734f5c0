//! A real nginx with PHP-FPM behind the bridge.

use std::fs;

use jbackend_bridge::config::Config;
use serde_json::Value;
use testkit::client::Reply;
use testkit::fixture::Schema;
use testkit::nginx::Nginx;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::log::Log;
use crate::common::site::{ALICE_KEY, Server, Site};

async fn before(nginx: &Nginx, change: impl FnOnce(&mut Config)) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.fallback.upstream = Some(format!("http://{}", nginx.address).parse().unwrap());
    change(&mut site.config);
    site.serve().await
}

fn seen(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    // PHP sends no length, so its answers come in chunks.
    let text = reply.text();
    let start = text.find('{').unwrap();
    let end = text.rfind('}').unwrap();
    serde_json::from_str(&text[start..=end]).unwrap()
}

#[tokio::test]
async fn php_sees_the_request_as_it_was_sent() {
    let nginx = Nginx::start();
    let server = before(&nginx, |_| {}).await;
    for target in ["/", "/?", "/a/b-é?x=1&y[]=%20", "/index.php/x//y", "/packages/post/user/login"]
    {
        let page = seen(&server.get(target).await);
        assert_eq!(page["uri"], target);
        assert_eq!(page["host"], server.client.address);
        assert_eq!((&page["https"], &page["chain"]), (&"http".into(), &"127.0.0.1".into()));
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Proxy", "evil")];
    let body = "option=com_users&a=%C3%A9+b&c=";
    let page = seen(&server.client.send("POST", "/index.php", &form, body.as_bytes()).await);
    assert_eq!(page["post"], serde_json::json!({"option": "com_users", "a": "é b", "c": ""}));
    assert_eq!(page["proxy"], Value::Null);
    assert_eq!(server.code("/packages/post/release/validate/redj_enterprise").await, "REL_ENS");
    assert!(!nginx.access_log().contains("validate"));
}

#[tokio::test]
async fn a_large_upload_arrives_in_php() {
    let nginx = Nginx::start();
    let server = before(&nginx, |_| {}).await;
    let content = vec![b'u'; 50 * 1024 * 1024];
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"task\"\r\n\r\nupload\r\n--b\r\n\
                     Content-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\r\n\r\n"
        .to_vec();
    body.extend_from_slice(&content);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let kind = [("Content-Type", "multipart/form-data; boundary=b")];
    let page = seen(&server.client.send("POST", "/index.php?option=com_media", &kind, &body).await);
    let sum = <md5::Md5 as md5::Digest>::digest(&content);
    let sum = base16ct::lower::encode_string(&sum);
    assert_eq!(page["files"]["f"], serde_json::json!([content.len(), sum]));
    assert_eq!(page["post"]["task"], "upload");
}

#[tokio::test]
async fn files_ranges_and_redirects_are_nginxs() {
    let nginx = Nginx::start();
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    fs::create_dir_all(nginx.root().join("images")).unwrap();
    fs::write(nginx.root().join("images/big.bin"), &content).unwrap();
    let server = before(&nginx, |_| {}).await;
    let whole = server.get("/images/big.bin").await;
    assert!(whole.status == 200 && whole.body == content);
    let range = [("Range", "bytes=1000-1999")];
    let part = server.client.send("GET", "/images/big.bin", &range, b"").await;
    assert_eq!((part.status, part.header("content-range")), (206, "bytes 1000-1999/3000000"));
    assert!(part.body == content[1000..2000]);
    let etag = [("If-None-Match", whole.header("etag"))];
    assert_eq!(server.client.send("GET", "/images/big.bin", &etag, b"").await.status, 304);
    let head = server.client.send("HEAD", "/images/big.bin", &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "3000000", 0));
    let folder = server.get("/images").await;
    assert_eq!((folder.status, folder.header("location")), (301, "/images/"));
    let packed = server.client.send("GET", "/page", &[("Accept-Encoding", "gzip")], b"").await;
    assert_eq!(packed.header("content-encoding"), "gzip", "nginx still compresses");
}

#[tokio::test]
async fn a_package_nginx_would_serve_is_kept_back() {
    let nginx = Nginx::start();
    let root = nginx.root();
    fs::create_dir_all(root.join("files/private")).unwrap();
    fs::write(root.join("files/private/paid.zip"), b"PK paid").unwrap();
    let server = before(&nginx, |config| config.joomla.root = Some(root.clone())).await;
    let direct = testkit::client::Client::new(&nginx.address);
    let spellings = [
        "/files/private/paid.zip",
        "/files//private/./paid.zip",
        "/x/..%2ffiles/private/paid.zip",
        "/%66iles/private%2Fpaid.zip",
    ];
    for target in spellings {
        assert_eq!(direct.send("GET", target, &[], b"").await.body, b"PK paid", "{target}");
        let reply = server.get(target).await;
        assert_eq!(reply.status, 403, "{target}");
        assert!(!reply.text().contains("PK"), "{target}");
    }
}

#[tokio::test]
async fn nothing_is_smuggled_into_nginx() {
    let nginx = Nginx::start();
    let server = before(&nginx, |_| {}).await;
    let inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for attempt in [
        format!("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}"),
        format!("Content-Length: 0\r\nContent-Length: {}\r\n\r\n{inner}", inner.len()),
        format!("Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("X: 1\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}"),
        // This is one request, with a body that looks like another.
        format!("Content-Length: {}\r\nConnection: close\r\n\r\n{inner}", inner.len()),
        format!(
            "Connection: Content-Length, close\r\nContent-Length: {}\r\n\r\n{inner}",
            inner.len()
        ),
    ] {
        let mut stream = server.client.connect().await;
        let request = format!("POST /page HTTP/1.1\r\nHost: x\r\n{attempt}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let answers = reply.matches("HTTP/1.1 ").count();
        assert_eq!(answers, 1, "{attempt:?}\n{reply}");
    }
    assert_eq!(server.get("/last").await.status, 200);
    let log = nginx.access_log();
    assert!(log.contains("/last") && !log.contains("GET /smuggled"), "{log}");
}

#[tokio::test]
async fn php_answers_are_compared_while_it_answers() {
    let nginx = Nginx::start();
    let log = Log::start();
    let server = before(&nginx, |config| config.fallback.shadow = vec!["all".into()]).await;
    let base = "/packages/post/release/validate/redj_enterprise?email=alice@example.test&key=";
    for (key, encoding) in [(ALICE_KEY, "identity"), (ALICE_KEY, "gzip"), ("wrong", "gzip")] {
        let accept = [("Accept-Encoding", encoding)];
        let reply = server.client.send("GET", &format!("{base}{key}"), &accept, b"").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-encoding") == "gzip", encoding == "gzip");
    }
    server.stopped().await;
    assert_eq!(log.differences(), ["validate redj_enterprise ok REL_KNV - -"]);
    assert_eq!(log.counts(), [2, 1, 0, 0]);
}
