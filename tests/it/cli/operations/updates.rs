//! Update XML from the real program: reload, log, metrics, refusals, stop.

use std::fs;
use std::time::Instant;

use testkit::fixture::Schema;

use super::{Service, configure, eventually, site, usual};
use crate::cli::updates::{package, put_recorded};
use crate::cli::{program, run};
use crate::common::site::Site;
use crate::update_site::served::replace;

const XML: &str = "/packages/updates/pkg_redj.xml";
const PUBLIC: &str = "server.public_url = 'https://www.example.com'\n";

/// Waits until the answer holds this text, and returns it.
async fn holds(service: &Service, target: &str, text: &str) -> String {
    let mut last = String::new();
    eventually(&format!("{text} in {target}"), async || {
        last = service.get(target).await.text();
        last.contains(text)
    })
    .await;
    last
}

async fn stocked(schema: Schema) -> Site {
    let site = site(schema).await;
    put_recorded(&site);
    site
}

#[tokio::test]
async fn a_reload_follows_the_configuration() {
    let site = stocked(Schema::Joomla3).await;
    configure(&site, &(usual() + PUBLIC));
    let service = Service::start(&site).await;
    holds(&service, XML, "<version>1.9.0</version>").await;
    let changed = "updates.listed = ['all']\nupdates.maintainer = 'Me & Co'\n";
    let moved = PUBLIC.replace("www", "shop");
    configure(&site, &(usual() + &moved + changed));
    service.reload(1).await;
    // Known data is kept: the XML is served at every moment, in its old or new form.
    let mut asked = 0;
    eventually("the new XML", async || {
        let reply = service.get(XML).await;
        asked += 1;
        assert!(reply.status == 200 && reply.text().contains("<version>1.9.0<"), "{asked}");
        reply.text().contains("Me &amp; Co") && reply.text().contains("https://shop.example.com/")
    })
    .await;
    holds(&service, "/packages/updates/redj_enterprise.xml", "<version>1.9.0</version>").await;
    // A wrong setting changes nothing.
    let wrong = "updates.targetplatform = '9999'\n";
    configure(&site, &(usual() + PUBLIC + wrong));
    service.signal("HUP").await;
    service.logs("not reloaded: ", 1).await;
    let sentence = "`updates.targetplatform`: `9999` matches no Joomla version";
    assert!(service.log().contains(sentence), "{}", service.log());
    assert!(service.get(XML).await.text().contains("Me &amp; Co"));
    configure(&site, &(usual() + PUBLIC + "updates.enabled = false\n"));
    service.reload(3).await;
    assert_eq!(service.get(XML).await.code(), "REQ_MNS");
    let left = service.metric("jbackend_bridge_update_packages{standing=\"listed\"}").await;
    assert_eq!(left, Some(0.0));
    configure(&site, &(usual() + PUBLIC));
    service.reload(4).await;
    let xml = holds(&service, XML, "<version>1.9.0</version>").await;
    assert!(!xml.contains("Me &amp; Co"), "{xml}");
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn a_section_that_makes_no_sense_refuses_the_start() {
    let site = stocked(Schema::Sqlite).await;
    for on in ["", "updates.enabled = false\n"] {
        let wrong = "updates.packages = [{ package = 'redj_com_190', tag = 'good' }]\n";
        configure(&site, &(usual() + PUBLIC + on + wrong));
        let file = site.folder.path().join("bridge.toml").display().to_string();
        let ran = run(program(&["serve", "--config", &file, "--listen", "127.0.0.1:0"])).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
        let sentence = "error: `updates.packages`, number 1: `tag`: `good` is no stability: write \
                        `dev`, `alpha`, `beta`, `rc` or `stable`\n";
        assert_eq!(ran.stderr, sentence);
    }
}

#[tokio::test]
async fn log_and_metrics() {
    let site = stocked(Schema::Sqlite).await;
    configure(&site, &(usual() + PUBLIC + "updates.listed = ['redj_enterprise']\n"));
    let service = Service::start(&site).await;
    holds(&service, XML, "<version>1.9.0</version>").await;
    service.logs("2 packages in 3 update XML; 2 should be and cannot", 1).await;
    let counts = async || {
        let all = service.metrics().await;
        ["listed", "left_out", "awaited"].map(|standing| {
            let name = format!("jbackend_bridge_update_packages{{standing=\"{standing}\"}}");
            super::value(&all, &name).unwrap().to_string()
        })
    };
    eventually("the counts", async || counts().await == ["2", "2", "0"]).await;
    // A second manifest breaks: the log has one line for any number of requests, and one when it is
    // fixed.
    let enterprise = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";
    replace(&site, enterprise, b"PK no zip");
    service.logs("not in the update XML", 1).await;
    eventually("the counts", async || counts().await == ["1", "3", "0"]).await;
    replace(&site, enterprise, &package("redj_ent", "1.9.1", "3"));
    service.logs("in the update XML again", 1).await;
    eventually("the counts", async || counts().await == ["2", "2", "0"]).await;
    let etag = service.get(XML).await.header("etag").to_owned();
    let known = [("If-None-Match", &*etag)];
    assert_eq!(service.client.send("GET", XML, &known, b"").await.status, 304);
    assert_eq!(service.get("/packages/updates/made_up_by_a_client.xml").await.status, 404);
    service.logs("status=404", 1).await;
    let metrics = service.metrics().await;
    assert!(metrics.contains("requests_total{resource=\"updates\",code=\"http_304\"} 1\n"));
    assert!(metrics.contains("requests_total{resource=\"updates\",code=\"http_404\"} "));
    assert!(!metrics.contains("made_up"), "{metrics}");
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(log.contains("resource=\"updates\" id=\"pkg_redj\" code=\"-\" status=304"), "{log}");
    assert!(!log.contains("made_up"), "{log}");
    for line in ["not in the update XML", "in the update XML again"] {
        assert_eq!(log.lines().filter(|found| found.contains(line)).count(), 1, "{line}: {log}");
    }
}

/// If the public address is missing, the log tells it only if the operator configured update XML.
#[tokio::test]
async fn without_a_public_url_it_says_why_where_somebody_cares() {
    let site = stocked(Schema::Sqlite).await;
    for (lines, told) in [("", 0), ("updates.targetplatform = '[45]'\n", 1)] {
        configure(&site, &(usual() + lines));
        let service = Service::start(&site).await;
        if told > 0 {
            service.logs("no update XML: `public_url` in `[server]` is not set", told).await;
        }
        assert_eq!(service.get(XML).await.status, 404);
        service.signal("TERM").await;
        let log = service.ended().await;
        let lines = log.lines().filter(|line| line.contains("public_url")).count();
        assert_eq!(lines, told, "{log}");
    }
}

/// The service stops in the middle of a long file and does not read on.
#[tokio::test]
async fn neither_start_nor_stop_wait_for_checksums() {
    let site = stocked(Schema::Sqlite).await;
    // The file has 8 GiB but takes no room on the disk. It has a package's name and the end of a
    // ZIP.
    let large = site.packages().join("public/joomla/redj/ReDJ1.9.0Community_J3.zip");
    let zip = fs::read(&large).unwrap();
    let file = fs::File::create(&large).unwrap();
    file.set_len(8 << 30).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &zip, 8 << 30).unwrap();
    drop(file);
    configure(&site, &(usual() + PUBLIC));
    let service = Service::start(&site).await;
    let awaited = "jbackend_bridge_update_packages{standing=\"awaited\"}";
    eventually("work", async || service.metric(awaited).await == Some(1.0)).await;
    let reply = service.get(XML).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, "10"), "not ready yet");
    let stopping = Instant::now();
    service.signal("TERM").await;
    let log = service.ended().await;
    // Reading all of it takes minutes here; a stop only waits for the current chunk.
    assert!(!log.contains("checksums of 1 package computed"), "{:?} {log}", stopping.elapsed());
}
