//! Requests that go to the bridge, and their form there; requests that stay with the site.

use std::fs;
use std::time::Duration;

use sha2::{Digest, Sha256};
use testkit::client::{self, Client};
use testkit::fixture::Schema;
use testkit::web_server::{self, PHP, WebServer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::time::timeout;

use super::{Kind, QUERY};
use crate::cli::updates::put_recorded;
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, Site};

/// Longer than any step here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends bodies that are announced and begun but not completed; their announced lengths would take
/// all memory. It sends them straight to the bridge, and through an nginx that passes bytes on as
/// they come.
pub(in crate::contrib) async fn slow_bodies() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let snippet = Kind::Nginx
        .end_point()
        .bridge_at(&server.client.address)
        .replace("proxy_buffering off;", "proxy_buffering off; proxy_request_buffering off;");
    let web = Kind::Nginx.start(web_server::Site::new(), &snippet);
    let form = format!("id=redj_enterprise&email=alice@example.test&key={ALICE_KEY}");
    let target = "/packages/post/release/validate";
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 131072\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\ni"
    );
    let mut slow = Vec::new();
    for client in [Client::new(&web.address), server.client.clone()] {
        for _ in 0..280 {
            let mut stream = client.connect().await;
            stream.write_all(head.as_bytes()).await.unwrap();
            slow.push(stream);
        }
        let all_are_there = async {
            while server.open_sockets() < slow.len() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, all_are_there).await.expect("connections to the bridge");
        for client in [Client::new(&web.address), server.client.clone()] {
            let reply = client.post(target, &form).await;
            assert_eq!(reply.code(), "ok", "{}", reply.text());
        }
    }
}

/// Sends downloads, parts of them, forms, and targets with bytes that a web server may change.
pub(in crate::contrib) async fn packages_and_forms(kind: Kind) {
    let site = Site::new(Schema::Sqlite).await;
    let content: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let package = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";
    fs::write(site.packages().join(package), &content).unwrap();
    let server = site.serve().await;
    let snippet = kind.end_point().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let alice = format!("email=alice@example.test&key={ALICE_KEY}");
    let target = format!("/packages/get/release/download/redj_ent_190?{alice}");

    let whole = client.send("GET", &target, &[], b"").await;
    assert!(whole.status == 200 && whole.body == content, "{}", whole.status);
    let range = [("Range", "bytes=1000000-1000999")];
    let part = client.send("GET", &target, &range, b"").await;
    assert_eq!((part.status, part.header("content-range")), (206, "bytes 1000000-1000999/5000000"));
    assert!(part.body == content[1_000_000..1_001_000]);
    let etag = [("If-None-Match", whole.header("etag"))];
    assert_eq!(client.send("GET", &target, &etag, b"").await.status, 304);
    let head = client.send("HEAD", &target, &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "5000000", 0));

    let login = "username=alice&password=alicepass";
    let reply = client.post("/packages/post/release/keybyauth/redj_enterprise", login).await;
    assert!(reply.text().contains(ALICE_KEY), "{}", reply.text());
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let too_much = vec![b'x'; 17 * 1024 * 1024];
    let reply = client.send("POST", "/packages/post/release/validate", &form, &too_much).await;
    // Apache takes an answer for a broken one if it comes before the whole body was sent.
    let refusals: &[u16] = if kind == Kind::Nginx { &[413] } else { &[413, 502] };
    assert!(refusals.contains(&reply.status), "{}", reply.status);

    for target in [
        "/packages/post/release/validate/redj_enterprise?email=x",
        "/packages%2Fpost/release%2fvalidate/redj_enterprise?email=x",
        "/packages/post/release/validate/%72edj_enterprise?email=é{}|^'\\",
        "//packages/./post/x/../release/validate//redj_enterprise/?email=x",
        "/PACKAGES/post/release/validate/redj_enterprise?email=%zz",
        "/index.php/packages/post/release/validate/redj_enterprise?email=a+b",
        "/index.php?option=com_jbackend&view=request&Itemid=201&action=post&module=release\
         &resource=validate&id=redj_enterprise&email=%C3%A9",
        "/?option=com_jbackend&view=request&Itemid=201&action=post&module=release\
         &resource=validate&id=redj_enterprise&email=x",
    ] {
        let code = client.send("GET", target, &[], b"").await.code();
        assert_eq!(code, "REL_KNS", "{target}");
    }
    // The ids have bytes that a decoder would change.
    for id in ["caf%C3%A9", "café", "a%2Bb", "a%25b", "a%20b", "a;b"] {
        let target = format!("/packages/post/release/validate/{id}?email=x&key=y");
        let reply = client.send("GET", &target, &[], b"").await;
        assert_eq!(reply.text(), server.get(&target).await.text(), "{target}");
        assert_eq!(reply.code(), "REL_GNF", "{target}");
    }
}

/// Requests pages, files, jBackend's administration, and the package folder, open and closed.
pub(in crate::contrib) async fn the_rest(kind: Kind) {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let bridge = &server.client.address;
    let open = kind.start(web_server::Site::new(), &kind.end_point().bridge_at(bridge));
    let get = async |web: &WebServer, target: &str| {
        Client::new(&web.address).send("GET", target, &[], b"").await
    };
    for target in [
        "/",
        "/index.php?option=com_content&view=article&id=1",
        "/about/packages",
        "/packagesx/post/release/validate/a",
        "/shop/",
        "/administrator/index.php?option=com_jbackend&view=keys",
        "/index.php?option=com_jbackend2",
    ] {
        assert_eq!(get(&open, target).await.text(), PHP, "{target}");
    }
    assert_eq!(get(&open, "/robots.txt").await.text(), "a file of the site");
    // Visitors cannot use nginx's own location for the bridge.
    let inner = get(&open, "/.jbackend-bridge").await.text();
    assert!(if kind == Kind::Nginx { inner.contains("nginx") } else { inner == PHP }, "{inner}");

    let site = web_server::Site::new();
    let root = site.root().display().to_string();
    let mut snippet = kind.end_point().bridge_at(bridge).uncommented();
    if kind == Kind::Apache {
        snippet = snippet.replace("/var/www/html", &root);
    }
    let closed = kind.start(site, &snippet);
    for target in [
        "/files/private/paid.zip",
        "/files//private/./paid.zip",
        "/x/../files/private/paid.zip",
        "/%66iles/private/paid.zip",
    ] {
        assert_eq!(get(&open, target).await.text(), "PK paid", "{target}: as without the block");
        let reply = get(&closed, target).await;
        assert!([403, 404].contains(&reply.status), "{target}: {}", reply.status);
        assert!(!reply.text().contains("PK"), "{target}");
    }
    assert_eq!(get(&closed, "/packages").await.code(), "REQ_MNS");
}

/// Tests the blocks for a Joomla in a subdirectory.
pub(in crate::contrib) async fn subdirectory(kind: Kind) {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.public_url = Some("http://www.example.com/shop".into());
    let server = site.serve().await;
    let snippet = kind
        .end_point()
        .bridge_at(&server.client.address)
        .uncommented()
        .replace(r#""^/(?:index\.php)?$""#, r#""^/shop/(?:index\.php)?$""#);
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let query = "action=post&module=release&resource=validate&id=redj_enterprise&email=x";
    for target in [
        "/shop/packages/post/release/validate/redj_enterprise?email=x".to_owned(),
        "/shop/index.php/packages/post/release/validate/redj_enterprise?email=x".to_owned(),
        format!("/shop/packages?{query}"),
        format!("/shop/index.php?option=com_jbackend&view=request&Itemid=201&{query}"),
        format!("/shop/?option=com_jbackend&view=request&Itemid=201&{query}"),
    ] {
        let code = client.send("GET", &target, &[], b"").await.code();
        assert_eq!(code, "REL_KNS", "{target}");
    }
    for target in ["/", "/shop/", "/shop/about", "/index.php?option=com_jbackend&view=request"] {
        assert_eq!(client.send("GET", target, &[], b"").await.text(), PHP, "{target}");
    }
}

/// A visitor cannot make up an address: the one that the web server saw counts.
pub(in crate::contrib) async fn visitors_address(kind: Kind) {
    let log = Log::keep();
    let mut site = Site::new(Schema::Sqlite).await;
    // The test's visitor is on the same machine, with another address of it.
    site.config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = site.serve().await;
    let snippet = kind.end_point().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    for target in ["/packages", QUERY] {
        let before = log.count(&["client=\"127.0.0.2\""]);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut stream = socket.connect(web.address.parse().unwrap()).await.unwrap();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             X-Forwarded-For: 192.0.2.66\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.code(), "REQ_MNS", "{target}");
        let logged = async {
            while log.count(&["client=\"127.0.0.2\""]) == before {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, logged).await.unwrap_or_else(|_| panic!("{target}: {}", log.text()));
    }
    assert_eq!(log.count(&["192.0.2.66"]), 0, "{}", log.text());
}

/// The XML for Joomla's updater takes the way of its end-point, and so does the download in it.
pub(in crate::contrib) async fn update_xml(kind: Kind) {
    let mut site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    site.config.server.public_url = Some("http://www.example.com".into());
    let server = site.serve().await;
    let snippet = kind.end_point().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let listed = async {
        while !server.get(XML).await.text().contains("<version>1.9.0</version>") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, listed).await.expect("update XML");
    let direct = server.get(XML).await;
    for target in [
        XML,
        "/packages/updates/pkg_redj/extension.xml",
        "/packages/updates/pkg_redj.xml/extension.xml",
        "/index.php/packages/updates/pkg_redj.xml",
        "/apikey/../packages/updates/pkg_redj.xml?x=y",
    ] {
        let reply = client.send("GET", target, &[], b"").await;
        assert_eq!((reply.status, reply.text()), (200, direct.text()), "{target}");
        for name in ["etag", "last-modified", "content-type", "cache-control", "vary"] {
            assert_eq!(reply.header(name), direct.header(name), "{target}: {name}");
        }
    }
    let known = [("If-None-Match", direct.header("etag"))];
    assert_eq!(client.send("GET", XML, &known, b"").await.status, 304);
    let head = client.send("HEAD", XML, &[], b"").await;
    assert_eq!(head.header("content-length"), direct.body.len().to_string());
    let packed = client.send("GET", XML, &[("Accept-Encoding", "gzip")], b"").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(!packed.header("etag").is_empty() && packed.header("etag") != direct.header("etag"));
    assert_eq!(client.send("GET", "/packages/updates/none.xml", &[], b"").await.status, 404);
    let download =
        client.send("GET", "/packages/get/release/download/redj_com_190", &[], b"").await;
    let sum = base16ct::lower::encode_string(&Sha256::digest(&download.body));
    assert!(direct.text().contains(&format!("<sha256>{sum}</sha256>")), "{}", direct.text());
    server.stopped().await;
}

const XML: &str = "/packages/updates/pkg_redj.xml";

/// TLS ends before the web server. The header of the trusted hop there counts, a visitor's does
/// not.
pub(in crate::contrib) async fn where_tls_ended(kind: Kind) {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let hop = match kind {
        Kind::Nginx => (r"192\.0\.2\.1", r"127\.0\.0\.2"),
        Kind::Apache => ("192.0.2.1", "127.0.0.2"),
    };
    let snippet = kind.end_point().all_end_points().bridge_at(&server.client.address);
    let web = kind.start(web_server::Site::new(), &snippet.replace(hop.0, hop.1));
    for (from, told, status) in [
        ("127.0.0.1", "X-Forwarded-Proto: https\r\n", 303),
        ("127.0.0.1", "X-Forwarded-Proto: https, http\r\n", 303),
        ("127.0.0.1", "", 303),
        ("127.0.0.2", "X-Forwarded-Proto: https\r\n", 200),
        ("127.0.0.2", "X-Forwarded-Proto: https, http\r\n", 200),
        ("127.0.0.2", "X-Forwarded-Proto: HTTP\r\n", 303),
        ("127.0.0.2", "", 303),
    ] {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(web.address.parse().unwrap()).await.unwrap();
        let request = format!("GET /ssl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{told}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.status, status, "{from} {told}");
    }
}

/// Sends forms for `?option=com_jbackend`, whose end-point may be named only in the form.
pub(in crate::contrib) async fn forms_without_sef(kind: Kind) {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let web =
        kind.start(web_server::Site::new(), &kind.end_point().bridge_at(&server.client.address));
    let client = Client::new(&web.address);
    let form = "Itemid=201&action=post&module=release&resource=validate&id=redj_enterprise&email=x";
    for query in ["option=com_jbackend", "option=com_jbackend&view=request&format=html"] {
        for path in ["/index.php", "/"] {
            let reply = client.post(&format!("{path}?{query}"), form).await;
            assert_eq!(reply.code(), "REL_KNS", "{path}?{query}");
        }
    }
    let target = "/packages/post/release/validate/redj_enterprise?email=x&format=html";
    assert_eq!(client.send("GET", target, &[], b"").await.code(), "REL_KNS");
}
