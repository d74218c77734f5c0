//! `[packages] offload`: the order to a web server in front, header by header.

use std::fs;
use std::os::unix::fs::symlink;

use jbackend_bridge::config::offload::OffloadTo;
use testkit::client::Reply;
use testkit::fixture::Schema;

use crate::common::site::{Server, Site};

/// Packages by id and path; the folder has each file under its name as content.
const PACKAGES: [(&str, &str); 4] = [
    ("plain", "public/a-1.0_b~.zip"),
    ("odd", "public/100% \"ü\",?#+&.zip"),
    ("control", "public/bell\u{7}\u{1b}.zip"),
    ("linked", "public/link.zip"),
];

/// Makes a site whose package `linked` is a link to `to`.
async fn site(offload: OffloadTo, to: &str) -> Site {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.packages.offload = offload;
    site.config.release.folder = Some("files".into());
    let lines = PACKAGES.iter().map(|(id, path)| format!("{id};{path}"));
    site.config.release.packages = Some(lines.chain(["gone;public/gone.zip".into()]).collect());
    for (id, path) in PACKAGES {
        let file = site.packages().join(path);
        if id == "linked" {
            let target = site.packages().join(to);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(&target, id).unwrap();
            symlink(target, file).unwrap();
        } else {
            fs::write(file, id).unwrap();
        }
    }
    site
}

async fn ask(server: &Server, verb: &str, id: &str, headers: &[(&str, &str)]) -> Reply {
    let target = format!("/packages/get/release/download/{id}");
    server.client.send(verb, &target, headers, b"").await
}

/// Checks that the answer is only an order: no content, no second header, and for nginx no header
/// about a version.
fn order<'r>(reply: &'r Reply, name: &str) -> &'r str {
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    let mut names: Vec<_> = reply.headers.keys().map(String::as_str).collect();
    names.retain(|known| !["date", "connection", "content-length"].contains(known));
    names.sort_unstable();
    let mut expected = vec!["cache-control", "content-disposition", "content-type"];
    expected.extend(["x-content-type-options", name]);
    if name == "x-sendfile" {
        expected.extend(["accept-ranges", "etag", "last-modified"]);
    }
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(reply.header("content-type"), "application/octet-stream");
    assert_eq!(reply.header("cache-control"), "private, no-cache, no-transform");
    reply.header(name)
}

#[tokio::test]
async fn nginx_is_told_a_path_below_its_location() {
    // The link leads to a folder whose name looks like a header.
    let site = site(OffloadTo::XAccelRedirect, "a\r\nX-Injected: 1\r\n\r\n/real.zip").await;
    let server = site.serve().await;
    for (id, path) in [
        ("plain", "public/a-1.0_b~.zip"),
        ("odd", "public/100%25%20%22%C3%BC%22%2C%3F%23%2B%26.zip"),
        ("control", "public/bell%07%1B.zip"),
        ("linked", "a%0D%0AX-Injected%3A%201%0D%0A%0D%0A/real.zip"),
    ] {
        let reply = ask(&server, "GET", id, &[]).await;
        assert_eq!(order(&reply, "x-accel-redirect"), format!("/.jbackend-packages/{path}"));
    }
    let reply = ask(&server, "GET", "odd", &[]).await;
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"100% ___,?#+&.zip\"; \
         filename*=UTF-8''100%25%20%22%C3%BC%22%2C%3F#+&.zip"
    );
    // The name is that of the settings, wherever the link leads.
    let reply = ask(&server, "GET", "linked", &[]).await;
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"link.zip\"");
}

#[tokio::test]
async fn apache_is_told_the_whole_path() {
    let mut site = site(OffloadTo::XSendfile, "../outside/real ü.zip").await;
    let root = site.folder.path().canonicalize().unwrap();
    site.config.release.allow_roots = vec![root.join("outside").display().to_string()];
    let mut open = Site::new(Schema::Sqlite).await;
    open.config.release = site.config.release.clone();
    open.config.release.folder = Some(root.join("files").display().to_string());
    let (direct, server) = (open.serve().await, site.serve().await);
    for (id, path) in [("plain", "files/public/a-1.0_b~.zip"), ("linked", "outside/real ü.zip")] {
        let reply = ask(&server, "GET", id, &[]).await;
        assert_eq!(order(&reply, "x-sendfile"), format!("{}/{path}", root.display()));
        let direct = ask(&direct, "GET", id, &[]).await;
        for name in ["etag", "last-modified", "accept-ranges"] {
            assert_eq!(reply.header(name), direct.header(name));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_told_to_apache_the_bridge_sends() {
    for real in ["100%.zip", "a\r\nX-Injected: 1\r\n\r\n/real.zip", "a\tb.zip", "blank.zip "] {
        let server = site(OffloadTo::XSendfile, real).await.serve().await;
        let reply = ask(&server, "GET", "linked", &[]).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "linked"), "{real:?}");
        assert!(!reply.headers.contains_key("x-sendfile"), "{real:?}");
    }
}

#[tokio::test]
async fn ranges_and_conditions_are_left_to_the_web_server() {
    let server = site(OffloadTo::XAccelRedirect, "a/real.zip").await.serve().await;
    for headers in [
        [("Range", "bytes=1-2")],
        [("Range", "bytes=99-")],
        [("If-None-Match", "*")],
        [("If-Match", "\"of-nginx\"")],
        [("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")],
    ] {
        for verb in ["GET", "HEAD", "POST"] {
            order(&ask(&server, verb, "plain", &headers).await, "x-accel-redirect");
        }
    }
}

#[tokio::test]
async fn who_comes_by_another_way_gets_the_file() {
    let mut site = site(OffloadTo::XAccelRedirect, "a/real.zip").await;
    site.config.server.trusted_proxies = vec!["192.0.2.1".parse().unwrap()];
    let server = site.serve().await;
    let reply = ask(&server, "GET", "plain", &[("Range", "bytes=1-3")]).await;
    assert_eq!((reply.status, reply.text().as_str()), (206, "lai"));
    assert_eq!(reply.header("x-accel-redirect"), "");
}

#[tokio::test]
async fn what_is_not_below_nginx_s_location_the_bridge_sends() {
    let mut site = site(OffloadTo::XAccelRedirect, "../outside/real.zip").await;
    site.config.release.allow_roots =
        vec![site.folder.path().join("outside").display().to_string()];
    let server = site.serve().await;
    let reply = ask(&server, "GET", "linked", &[]).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "linked"));
    assert_eq!(reply.header("x-accel-redirect"), "");
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_as_ever() {
    for offload in [OffloadTo::XAccelRedirect, OffloadTo::XSendfile] {
        let site = site(offload, "../outside/real.zip").await;
        fs::create_dir(site.packages().join("public/gone.zip")).unwrap();
        let server = site.serve().await;
        for id in ["linked", "gone"] {
            let reply = ask(&server, "GET", id, &[]).await;
            assert_eq!(reply.code(), "REL_FNF", "{id}");
            assert!(!reply.headers.contains_key("x-accel-redirect"));
            assert!(!reply.headers.contains_key("x-sendfile"));
        }
    }
}
