//! The counts of `/metrics`, and the texts that never appear in it.

use std::fs;

use testkit::fixture::Schema;
use testkit::smtp_sink::SmtpSink;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Service, configure, eventually, site, usual, validate, value};
use crate::common::site::{FREE_FILE, PAID_FILE};

/// Reads a metric of the bridge.
fn ours(metrics: &str, name: &str) -> f64 {
    value(metrics, &format!("jbackend_bridge_{name}"))
        .unwrap_or_else(|| panic!("{name} is missing in {metrics}"))
}

#[tokio::test]
async fn requests_are_counted_by_resource_and_code() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = site(schema).await;
        configure(&site, &usual());
        let service = Service::start(&site).await;
        let packages = async |target: &str| service.get(&format!("/packages/{target}")).await;
        service.get(&validate()).await;
        service.get(&validate()).await;
        packages("post/release/validate/redj_enterprise?email=nobody@example.test&key=1").await;
        packages("post/release/keybyemail/redj_enterprise?email=alice@example.test").await;
        packages("post/release/keybyauth/redj_enterprise?username=alice&password=alicepass").await;
        packages("post/release/keybyauth/redj_enterprise?username=alice&password=wrong").await;
        packages("get/release/download/redj_com_190").await;
        packages("post/nothing").await;
        service.get("/elsewhere").await;
        service.client.raw(b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n").await;
        let metrics = service.metrics().await;
        for (resource, code, count) in [
            ("validate", "ok", 2.0),
            ("validate", "REL_UNF", 1.0),
            ("keybyemail", "ok", 1.0),
            ("keybyemail", "REL_ESM", 0.0),
            ("keybyauth", "ok", 1.0),
            ("keybyauth", "REL_LIF", 1.0),
            ("download", "ok", 1.0),
            ("download", "REL_RGE", 0.0),
            ("-", "REQ_MNS", 1.0),
            ("-", "http_404", 1.0),
            ("-", "http_501", 1.0),
            ("-", "REQ_AKG", 0.0),
        ] {
            let name = format!("requests_total{{resource=\"{resource}\",code=\"{code}\"}}");
            assert_eq!(ours(&metrics, &name).to_bits(), f64::to_bits(count), "{name}: {metrics}");
        }
        for (resource, count) in
            [("validate", 3.0), ("keybyauth", 2.0), ("-", 3.0), ("verify", 0.0)]
        {
            let name = |part| format!("request_duration_seconds_{part}{{resource=\"{resource}\"}}");
            assert_eq!(ours(&metrics, &name("count")).to_bits(), f64::to_bits(count));
            assert_eq!(ours(&metrics, &name("sum")) > 0.0, count > 0.0);
        }
        assert_eq!(value(&metrics, "jbackend_bridge_mails_total{result=\"sent\"}"), Some(1.0));
        assert_eq!(value(&metrics, "jbackend_bridge_connections_accepted_total"), Some(10.0));
        let pool = "database_connections{pool=\"reader\",state=\"idle\"}";
        let has_pool = metrics.contains(pool);
        assert_eq!(has_pool, schema == Schema::Joomla3);
        service.signal("TERM").await;
        service.ended().await;
    }
}

#[tokio::test]
async fn downloads_are_counted_by_package() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let alice = format!("email=alice@example.test&key={}", crate::common::site::ALICE_KEY);
    let free = "/packages/get/release/download/redj_com_190";
    let paid = format!("/packages/get/release/download/redj_ent_190?{alice}");
    service.get(free).await;
    service.get(&paid).await;
    service.client.send("GET", free, &[("Range", "bytes=0-3")], b"").await;
    // These answers hold no file: refused, unknown, a HEAD, a copy that is still good.
    service.get("/packages/get/release/download/redj_ent_190").await;
    service.get("/packages/get/release/download/made_up").await;
    service.client.send("HEAD", free, &[], b"").await;
    let tag = service.get(&paid).await.headers["etag"].clone();
    service.client.send("GET", &paid, &[("If-None-Match", &tag)], b"").await;
    // This download is cut off: the client disconnects in the middle.
    let file = site.packages().join("public/joomla/redj/small.zip");
    let length = 64 * 1024 * 1024;
    fs::File::options().write(true).open(file).unwrap().set_len(length).unwrap();
    let mut stream = service.client.connect().await;
    let request = b"GET /packages/get/release/download/small HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    stream.read_exact(&mut [0; 1000]).await.unwrap();
    drop(stream);
    let cut_off = "jbackend_bridge_downloads_total{package=\"small\",result=\"cut_off\"}";
    eventually("the end", async || service.metric(cut_off).await == Some(1.0)).await;

    let metrics = service.metrics().await;
    let lengths = [FREE_FILE.len() + 4, 2 * PAID_FILE.len()];
    for (package, length) in ["redj_com_190", "redj_ent_190"].iter().zip(lengths) {
        let name = format!("downloads_total{{package=\"{package}\",result=\"complete\"}}");
        assert_eq!(ours(&metrics, &name).to_bits(), 2.0_f64.to_bits());
        let name = format!("download_bytes_total{{package=\"{package}\"}}");
        let length = u32::try_from(length).unwrap();
        assert_eq!(ours(&metrics, &name).to_bits(), f64::from(length).to_bits());
    }
    let sent = ours(&metrics, "download_bytes_total{package=\"small\"}");
    assert!((1000.0..67_108_864.0).contains(&sent), "{sent}");
    assert_eq!(metrics.matches("downloads_total{").count(), 6, "{metrics}");
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn mails_are_counted_by_what_became_of_them() {
    let sink = SmtpSink::start().await;
    let site = site(Schema::Sqlite).await;
    let port = sink.address.port();
    let smtp = format!("mail.smtp_host = '127.0.0.1'\nmail.smtp_port = {port}\n");
    configure(&site, &(usual() + &smtp));
    let file = site.folder.path().join("bridge.toml");
    let configuration = fs::read_to_string(&file).unwrap().replace("'file'", "'smtp'");
    fs::write(&file, &configuration).unwrap();
    let service = Service::start(&site).await;
    let letter = "/packages/post/release/keybyemail/redj_enterprise?email=alice@example.test";
    assert_eq!(service.get(letter).await.code(), "ok");
    assert_eq!(sink.mails().len(), 1);
    // The mail server is gone; the counts outlive the reload.
    fs::write(&file, configuration.replace(&port.to_string(), "1")).unwrap();
    service.reload(1).await;
    assert_eq!(service.get(letter).await.code(), "REL_ESM");
    assert_eq!(service.get(letter).await.code(), "REL_ESM");
    let metrics = service.metrics().await;
    for (result, count) in [("sent", 1.0), ("failed", 2.0), ("given_up", 0.0)] {
        let name = format!("jbackend_bridge_mails_total{{result=\"{result}\"}}");
        assert_eq!(value(&metrics, &name), Some(count));
    }
    let refused = "jbackend_bridge_requests_total{resource=\"keybyemail\",code=\"REL_ESM\"}";
    assert_eq!(value(&metrics, refused), Some(2.0));
    service.signal("TERM").await;
    service.ended().await;
}

/// A mail server accepts connections and stays silent.
#[tokio::test]
async fn what_is_under_way_shows() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let site = site(Schema::Sqlite).await;
    let lines = format!(
        "mail.smtp_host = '127.0.0.1'\nmail.smtp_port = {port}\nmail.timeout = 30\n\
                         release.privacy = 'uniform'\n"
    );
    configure(&site, &(usual() + &lines));
    let file = site.folder.path().join("bridge.toml");
    let configuration = fs::read_to_string(&file).unwrap().replace("'file'", "'smtp'");
    fs::write(&file, &configuration).unwrap();
    let service = Service::start(&site).await;
    let letter = "/packages/post/release/keybyemail/redj_enterprise?email=alice@example.test";
    assert_eq!(service.get(letter).await.code(), "ok");
    let waiting = "jbackend_bridge_mails_waiting";
    eventually("the mail", async || service.metric(waiting).await == Some(1.0)).await;
    // Mails of the former configuration still count, and the stop waits for them.
    service.reload(1).await;
    assert_eq!(service.metric(waiting).await, Some(1.0));
    let (stream, _) = silent.accept().await.unwrap();
    drop(stream);
    eventually("the end of the mail", async || service.metric(waiting).await == Some(0.0)).await;
    assert_eq!(service.metric("jbackend_bridge_mails_total{result=\"failed\"}").await, Some(1.0));
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn nothing_a_client_makes_up_is_a_label() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    service.get(&validate()).await;
    service.get("/elsewhere").await;
    service.get("/packages/get/release/download/x").await;
    service.get("/packages/get/release/x").await;
    let before: Vec<String> = names(&service.metrics().await);
    for target in [
        "/packages/post/release/validate/made_up?email=made_up@example.test&key=made_up",
        "/packages/get/release/download/made_up",
        "/packages/get/release/made_up",
        "/made_up",
        "/made_up?made_up=made_up",
    ] {
        service.get(target).await;
        service.client.send("MADEUP", target, &[("User-Agent", "made_up")], b"made_up").await;
    }
    let metrics = service.metrics().await;
    assert!(!metrics.to_lowercase().replace('_', "").contains("madeup"), "{metrics}");
    // The only new names are those of codes that had not come before.
    let new: Vec<_> = names(&metrics).into_iter().filter(|name| !before.contains(name)).collect();
    assert!(new.len() < 8 && new.iter().all(|name| name.contains("requests_total")), "{new:?}");
    service.signal("TERM").await;
    service.ended().await;
}

fn names(metrics: &str) -> Vec<String> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name.to_owned()).collect()
}
