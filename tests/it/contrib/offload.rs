//! `contrib/*/offload.conf` on a real nginx and a real Apache.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use jbackend_bridge::config::offload::OffloadTo;
use testkit::client::Client;
use testkit::fixture::Schema;
use testkit::web_server;

use super::expectations::Kind;
use super::snippet::Snippet;
use crate::common::site::{ALICE_KEY, Server, Site};

const ODD: &str = "public/a \"ü\",?#+&.zip";
const PERCENT: &str = "public/100%25.zip";
const PAID: &str = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";

/// Makes packages on a site behind the web server: `paid`, `odd` and `linked` are within the
/// folder, `abroad` is in one of `allow_roots`, `escaped` in none.
async fn site(kind: Kind, content: &[u8]) -> Site {
    let mut site = Site::new(Schema::Sqlite).await;
    let root = site.folder.path().canonicalize().unwrap();
    // The web server's workers may run as another user than the tests.
    fs::set_permissions(&root, Permissions::from_mode(0o755)).unwrap();
    fs::write(site.packages().join(PAID), content).unwrap();
    fs::create_dir_all(root.join("allowed")).unwrap();
    for (name, to, text) in [
        ("public/linked.zip", "files/public/bare.zip", "linked"),
        ("public/abroad.zip", "allowed/abroad.zip", "abroad"),
        ("public/escaped.zip", "escaped.zip", "escaped"),
    ] {
        fs::write(root.join(to), text).unwrap();
        symlink(root.join(to), site.packages().join(name)).unwrap();
    }
    fs::write(site.packages().join(ODD), "odd").unwrap();
    fs::write(site.packages().join(PERCENT), "percent").unwrap();
    let group = "redj_enterprise;11,12;HASH123KEY456;ReDJ Enterprise";
    let lines = [
        format!("paid;{PAID};redj_enterprise"),
        format!("odd;{ODD}"),
        format!("percent;{PERCENT}"),
        "linked;public/linked.zip".into(),
        "abroad;public/abroad.zip".into(),
        "escaped;public/escaped.zip".into(),
        "missing;public/missing.zip".into(),
    ];
    site.config.release.folder = Some("files".into());
    site.config.release.groups = Some(vec![group.into()]);
    site.config.release.packages = Some(lines.into());
    site.config.release.allow_roots = vec![root.join("allowed").display().to_string()];
    site.config.packages.offload = match kind {
        Kind::Nginx => OffloadTo::XAccelRedirect,
        Kind::Apache => OffloadTo::XSendfile,
    };
    site
}

async fn offloading(kind: Kind) {
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let server = site(kind, &content).await.serve().await;
    let root = server.site.folder.path().canonicalize().unwrap();
    let folder = root.join("files").display().to_string();
    let offload = Snippet::read(&format!("{}/offload.conf", kind.folder()));
    let mut offload = offload.replace("/var/www/html/files", &folder);
    if kind == Kind::Apache {
        offload = offload.and(&format!("XSendFilePath \"{}\"", root.join("allowed").display()));
    }
    let snippet = kind.end_point().bridge_at(&server.client.address).and(offload.text());
    let web = kind.start(web_server::Site::new(), &snippet);
    let client = Client::new(&web.address);
    let get = async |id: &str, headers: &[(&str, &str)]| {
        let target = format!("/packages/get/release/download/{id}");
        client.send("GET", &target, headers, b"").await
    };

    let paid = format!("paid?email=alice@example.test&key={ALICE_KEY}");
    let whole = get(&paid, &[]).await;
    assert!(whole.status == 200 && whole.body == content, "{}: {}", whole.status, whole.body.len());
    assert!(is_order(&server, &format!("/packages/get/release/download/{paid}")).await);
    assert!(!whole.headers.contains_key("x-accel-redirect"));
    assert!(!whole.headers.contains_key("x-sendfile"));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"ReDJ1.9.0Enterprise_J3.zip\""),
        ("cache-control", "private, no-cache, no-transform"),
        ("content-length", "3000000"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    let part = get(&paid, &[("Range", "bytes=1000000-1000999")]).await;
    assert_eq!((part.status, part.header("content-range")), (206, "bytes 1000000-1000999/3000000"));
    assert!(part.body == content[1_000_000..1_001_000]);
    let beyond = get(&paid, &[("Range", "bytes=9000000-")]).await;
    assert_eq!(beyond.status, 416);
    let known = get(&paid, &[("If-None-Match", whole.header("etag"))]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let resumed = [("Range", "bytes=2999999-"), ("If-Range", whole.header("etag"))];
    assert_eq!(get(&paid, &resumed).await.body, content[2_999_999..]);
    let packed = get(&paid, &[("Accept-Encoding", "gzip")]).await;
    assert!(packed.body == content, "{:?}", packed.headers);
    let target = format!("/packages/get/release/download/{paid}");
    let head = client.send("HEAD", &target, &[], b"").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "3000000", 0));
    let form = format!("email=alice@example.test&key={ALICE_KEY}");
    let posted = client.post("/packages/post/release/download/paid", &form).await;
    assert!(posted.status == 200 && posted.body == content, "{}", posted.status);

    // The next version of the file gets the same name.
    fs::write(server.site.packages().join("next"), "PK next").unwrap();
    fs::rename(server.site.packages().join("next"), server.site.packages().join(PAID)).unwrap();
    for header in ["If-None-Match", "If-Range"] {
        let headers = [(header, whole.header("etag")), ("Range", "bytes=100-199")];
        let next = get(&paid, &headers[..if header == "If-Range" { 2 } else { 1 }]).await;
        assert_eq!((next.status, next.text().as_str()), (200, "PK next"), "{header}");
    }

    for (id, text, offloaded) in [
        ("odd", "odd", true),
        ("percent", "percent", kind == Kind::Nginx),
        ("linked", "linked", true),
        ("abroad", "abroad", kind == Kind::Apache),
    ] {
        let reply = get(id, &[]).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, text), "{id}");
        let target = format!("/packages/get/release/download/{id}");
        assert_eq!(is_order(&server, &target).await, offloaded, "{id}");
    }
    for (id, code) in [
        ("paid", "REL_ENS"),
        ("paid?email=alice@example.test&key=no", "REL_KNV"),
        ("missing", "REL_FNF"),
        ("escaped", "REL_FNF"),
    ] {
        assert_eq!(get(id, &[]).await.code(), code, "{id}");
    }
    // Visitors cannot use this location themselves.
    let target = format!("/.jbackend-packages/{PAID}");
    let reply = client.send("GET", &target, &[("X-Accel-Redirect", &target)], b"").await;
    assert!(!reply.text().contains("PK next"), "{}", reply.text());
}

/// Does the bridge answer the web server with an order, and not with the file?
async fn is_order(server: &Server, target: &str) -> bool {
    let reply = server.get(target).await;
    let ordered =
        ["x-accel-redirect", "x-sendfile"].iter().any(|name| reply.headers.contains_key(*name));
    assert_eq!(ordered, reply.body.is_empty(), "{:?}", reply.headers);
    ordered
}

#[tokio::test]
async fn nginx_sends_what_the_bridge_allows() {
    offloading(Kind::Nginx).await;
}

#[tokio::test]
async fn apache_sends_what_the_bridge_allows() {
    offloading(Kind::Apache).await;
}
