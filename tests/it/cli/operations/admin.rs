//! The admin listener: health, readiness, and its address.

use std::fs;

use insta::assert_snapshot;
use testkit::client::Reply;
use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Service, configure, eventually, site, usual, validate};
use crate::cli::{program, run};
use crate::common::site::Site;

/// Shows status, type and text of an answer.
fn shown(reply: &Reply) -> String {
    format!("{} {}\n{}", reply.status, reply.header("content-type"), reply.text())
}

async fn ready(service: &Service) -> serde_json::Value {
    let reply = service.ask_admin("/readyz").await;
    let json: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(reply.status, if json["ready"] == true { 200 } else { 503 });
    json
}

#[tokio::test]
async fn what_it_answers() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    assert_snapshot!(shown(&service.ask_admin("/healthz").await), @r#"
    200 text/plain; charset=utf-8
    ok
    "#);
    assert_snapshot!(shown(&service.ask_admin("/readyz").await), @r#"
    200 application/json
    {
      "ready": true,
      "stopping": false,
      "database": {
        "ok": true
      },
      "settings": {
        "ok": true
      },
      "folder": {
        "ok": true
      },
      "site": {
        "ok": true
      },
      "tasks": {
        "ok": true
      }
    }
    "#);
    assert_snapshot!(shown(&service.ask_admin("/packages/get/release").await), @r#"
    404 text/plain; charset=utf-8
    Only /healthz, /readyz and /metrics are here.
    "#);
    let metrics = service.ask_admin("/metrics").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let post = service.admin.send("POST", "/metrics", &[], b"").await;
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
    let head = service.admin.send("HEAD", "/readyz", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    // These paths do not exist on the clients' address, and requests to them do not count as
    // clients' requests.
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(service.get(path).await.status, 404);
    }
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("503"), "{log}");
    assert_eq!(log.matches("status=404").count(), 3, "{log}");
}

#[tokio::test]
async fn it_is_not_ready_without_database() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla3).await;
    let site = Site::on(&database);
    fs::write(site.folder.path().join("configuration.php"), "<?php\nclass JConfig {\n}\n").unwrap();
    configure(&site, &usual());
    let service = Service::start(&site).await;
    assert_eq!(ready(&service).await["ready"], true);
    server.kill();
    eventually("the loss of the database", async || ready(&service).await["ready"] == false).await;
    let json = ready(&service).await;
    assert_eq!(json["database"]["ok"], false);
    assert_eq!(service.metric("jbackend_bridge_ready{check=\"database\"}").await, Some(0.0));
    assert_eq!(service.ask_admin("/healthz").await.status, 200);
    server.start();
    eventually("the database", async || ready(&service).await["ready"] == true).await;
    // A hanging database counts as failed too, and each report takes a bounded time: it comes
    // within the test's patience.
    server.hang();
    eventually("the silence", async || ready(&service).await["ready"] == false).await;
    server.go_on();
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn it_is_not_ready_without_package_folder() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let (folder, away) = (site.packages(), site.folder.path().join("away"));
    fs::rename(&folder, &away).unwrap();
    eventually("the loss of the folder", async || ready(&service).await["ready"] == false).await;
    assert_snapshot!(shown(&service.ask_admin("/readyz").await), @r#"
    503 application/json
    {
      "ready": false,
      "stopping": false,
      "database": {
        "ok": true
      },
      "settings": {
        "ok": true
      },
      "folder": {
        "ok": false,
        "reason": "the package folder cannot be used: see its path and rights"
      },
      "site": {
        "ok": true
      },
      "tasks": {
        "ok": true
      }
    }
    "#);
    assert_eq!(service.metric("jbackend_bridge_ready{check=\"folder\"}").await, Some(0.0));
    fs::rename(&away, &folder).unwrap();
    eventually("the folder", async || ready(&service).await["ready"] == true).await;
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_told_and_leave_it_ready() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = site(schema).await;
        configure(&site, &usual());
        let service = Service::start(&site).await;
        let current = "jbackend_bridge_settings_current";
        assert_eq!(service.metric(current).await, Some(1.0));
        site.run("UPDATE #__extensions SET params = '{' WHERE element = 'release'").await;
        eventually("the change", async || service.metric(current).await == Some(0.0)).await;
        // A report is valid for one second.
        eventually("the reason", async || ready(&service).await["settings"]["reason"].is_string())
            .await;
        let json = ready(&service).await;
        assert_eq!(json["ready"], true);
        let reason = json["settings"]["reason"].as_str().unwrap();
        assert_eq!(
            reason,
            "the settings in Joomla cannot be read: the last good ones are in force"
        );
        assert_eq!(service.get(&validate()).await.code(), "ok");
        service.signal("TERM").await;
        service.ended().await;
    }
}

#[tokio::test]
async fn a_service_that_stops_says_so_until_the_last_download() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let file = site.packages().join("public/joomla/redj/small.zip");
    fs::File::options().write(true).open(file).unwrap().set_len(64 * 1024 * 1024).unwrap();
    let mut stream = service.client.connect().await;
    let request = b"GET /packages/get/release/download/small HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    stream.readable().await.unwrap();
    service.signal("TERM").await;
    eventually("the stop", async || ready(&service).await["stopping"] == true).await;
    let json = ready(&service).await;
    assert_eq!((&json["ready"], &json["database"]["ok"]), (&false.into(), &true.into()));
    assert_eq!(service.metric("jbackend_bridge_connections").await, Some(1.0));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    service.ended().await;
}

#[tokio::test]
async fn where_it_listens() {
    let site = site(Schema::Sqlite).await;
    let start = async |listen: &str| {
        configure(
            &site,
            &usual().replace("admin.listen = '0'", &format!("admin.listen = '{listen}'")),
        );
        run(program(&Service::arguments(&site, "127.0.0.1:0"))).await
    };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut said = Vec::new();
    for listen in [&port, "systemd", "nowhere", "unix:/no/such/folder/admin.sock"] {
        let refused = start(listen).await;
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
        let last = refused.stderr.lines().last().unwrap().replace(&port, "PORT");
        said.push(last.replace(&site.folder.path().display().to_string(), "DIR"));
    }
    assert_snapshot!(said.join("\n"), @r#"
    error: cannot open the admin listener on `127.0.0.1:PORT`: Address already in use (os error 98): choose another `listen` in `[admin]`
    error: `admin.listen` in `DIR/bridge.toml`, line 11: `systemd` is no address: write a port like `9180`, `127.0.0.1:9180` or `unix:/path`
    error: `admin.listen` in `DIR/bridge.toml`, line 11: `nowhere` is no address: write a port like `9180`, `127.0.0.1:9180` or `unix:/path`
    error: cannot open the admin listener on `unix:/no/such/folder/admin.sock`: No such file or directory (os error 2): choose another `listen` in `[admin]`
    "#);

    let socket = site.folder.path().join("admin.sock");
    let listen = format!("admin.listen = 'unix:{}'\nadmin.socket_mode = '600'", socket.display());
    configure(&site, &usual().replace("admin.listen = '0'", &listen));
    let service = Service::start(&site).await;
    let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&socket).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("admin"), "{log}");

    for (listen, warned) in [("0.0.0.0:0", 1), ("[::1]:0", 0), ("localhost:0", 0)] {
        configure(&site, &usual().replace("'0'", &format!("'{listen}'")));
        let service = Service::start(&site).await;
        service.signal("TERM").await;
        let log = service.ended().await;
        let warnings = log.matches("can be reached from other machines").count();
        assert_eq!(warnings, warned, "{listen}: {log}");
    }
}

#[tokio::test]
async fn without_an_address_there_is_none() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual().replace("admin.listen = '0'", ""));
    let running =
        crate::cli::Running::start(program(&Service::arguments(&site, "127.0.0.1:0")), "listening")
            .await;
    assert_eq!(running.said.lines().count(), 1);
    assert!(running.stop("TERM").await.0.success());
}
