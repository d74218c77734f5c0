//! SIGTERM and SIGHUP while downloads and letters are under way.

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::PATIENCE;
use super::download::{Download, make_long};
use super::vitals::{at_rest, memory, open_below, open_files};
use super::{configure, ends_well, eventually, serving, usual, validate};

/// Waits until no client can connect any more.
async fn no_longer_listens(address: &str) {
    let closing = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, closing).await.expect("the socket closes");
}

#[tokio::test]
async fn downloads_that_run_at_a_stop_come_to_their_end() {
    for signal in ["TERM", "INT"] {
        let (site, service) = serving("server.shutdown_deadline = 600\n").await;
        make_long(&site);
        let mut downloads = Vec::new();
        for _ in 0..10 {
            downloads.push(Download::begin(&service).await);
        }
        let address = service.client.address.clone();
        service.signal(signal).await;
        no_longer_listens(&address).await;
        // Neither a second signal nor a reload changes that.
        service.signal("TERM").await;
        service.signal("HUP").await;
        for download in downloads {
            assert!(download.comes_whole().await, "{signal}");
        }
        let log = service.ended().await;
        assert!(!log.contains("cut off") && !log.contains("panicked"), "{log}");
    }
}

#[tokio::test]
async fn clients_that_do_not_read_hold_a_stop_to_its_deadline() {
    let (site, service) = serving("server.shutdown_deadline = 1\n").await;
    make_long(&site);
    let mut downloads = Vec::new();
    for _ in 0..10 {
        downloads.push(Download::begin(&service).await);
    }
    service.signal("TERM").await;
    let log = service.ended().await;
    let told = "answers still running at the end of `shutdown_deadline` are cut off";
    assert_eq!(log.matches(told).count(), 1, "{log}");
    for download in downloads {
        assert!(!download.comes_whole().await);
    }
}

/// Each former configuration is freed with the last request that began under it.
#[tokio::test]
async fn downloads_outlast_reloads_and_former_configurations_do_not_outlast_them() {
    let (site, service) = serving("").await;
    make_long(&site);
    service.get(&validate()).await;
    let mut downloads = vec![Download::begin(&service).await];
    let files = open_files(&service);
    let mut resident = 0;
    for nth in 1..=20 {
        let mebibytes = if nth % 2 == 0 { 32 } else { 64 };
        configure(&site, &format!("{}server.download_memory = {mebibytes}\n", usual()));
        service.reload(nth).await;
        downloads.push(Download::begin(&service).await);
        assert_eq!(service.get(&validate()).await.code(), "ok");
        if nth == 5 {
            resident = memory(&service);
        }
    }
    let grown = memory(&service).saturating_sub(resident);
    // This includes fifteen more downloads, with a few chunks of 256 KiB each.
    assert!(grown < 32 * 1024, "{grown} KiB more");
    assert_eq!(open_below(&service, &site.packages()), downloads.len());
    for (nth, download) in downloads.into_iter().enumerate() {
        assert!(download.comes_whole().await, "begun after {nth} reloads");
    }
    at_rest(&service, files).await;
    assert_eq!(open_below(&service, &site.packages()), 0);
    ends_well(service).await;
}

/// Signals come faster than reloads finish; several count as one.
#[tokio::test]
async fn a_storm_of_reloads_ends_with_the_configuration_that_was_written_last() {
    let (site, service) = serving("").await;
    make_long(&site);
    service.get(&validate()).await;
    let files = open_files(&service);
    let download = Download::begin(&service).await;
    for nth in 0..100 {
        let sense = if nth % 3 == 0 { "release.nonsense = 1\n" } else { "" };
        configure(&site, &(usual() + sense));
        service.signal("HUP").await;
    }
    configure(&site, &(usual() + "release.error_codes = { REL_GNF = { code = 'NEW' } }\n"));
    service.signal("HUP").await;
    let unknown = "/packages/post/release/validate/unknown";
    eventually("the last one", async || service.get(unknown).await.code() == "NEW").await;
    assert_eq!(service.get(&validate()).await.code(), "ok");
    assert!(download.comes_whole().await);
    at_rest(&service, files).await;
    ends_well(service).await;
}
