//! The ledger of a service that runs.

use std::fs;

use rusqlite::Connection;
use testkit::fixture::Schema;

use super::{Service, configure, eventually, site, usual, validate};
use crate::cli::{program, run};
use crate::common::site::Site;

const FAILING: &str = "jbackend_bridge_ledger_failing";

/// A site whose ledger stands in a file of its folder.
async fn with_ledger() -> (Site, std::path::PathBuf) {
    let site = site(Schema::Sqlite).await;
    let file = site.folder.path().join("bridge.db");
    let line = format!("ledger.url = 'sqlite:{}'\n", file.display());
    configure(&site, &(usual() + &line));
    (site, file)
}

async fn fails(service: &Service, yes: bool) {
    let value = Some(if yes { 1.0 } else { 0.0 });
    eventually("the metric", async || service.metric(FAILING).await == value).await;
}

#[tokio::test]
async fn a_service_makes_its_ledger_and_shares_it_with_commands() {
    let (site, _) = with_ledger().await;
    let service = Service::start(&site).await;
    service.logs("the ledger answers", 1).await;
    let toml = site.folder.path().join("bridge.toml").display().to_string();
    let confirmed = run(program(&["ledger", "confirm", "--json", "--config", &toml])).await;
    assert_eq!((confirmed.code, confirmed.stderr.as_str()), (Some(0), ""));
    fails(&service, false).await;
    service.signal("TERM").await;
    let log = service.ended().await;
    assert!(!log.contains("ledger fails"), "{log}");
}

#[tokio::test]
async fn a_ledger_that_fails_stops_nothing_and_is_tried_again() {
    let (site, file) = with_ledger().await;
    let other = Connection::open(&file).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    let service = Service::start(&site).await;
    service.logs("is not a ledger of jbackend-bridge", 1).await;
    fails(&service, true).await;
    assert_eq!(service.get(&validate()).await.status, 200);
    fs::remove_file(&file).unwrap();
    fails(&service, false).await;
    let told = service.log().matches("the ledger fails").count();
    assert_eq!(told, 1, "once for all attempts: {}", service.log());
}

#[tokio::test]
async fn another_ledger_needs_a_restart() {
    let (site, file) = with_ledger().await;
    let service = Service::start(&site).await;
    let line = format!("ledger.url = 'sqlite:{}.2'\n", file.display());
    configure(&site, &(usual() + &line));
    service.reload(1).await;
    service.logs("only after a restart: `url` in `[ledger]`", 1).await;
}

#[tokio::test]
async fn check_says_whether_the_ledger_can_be_used() {
    let (site, file) = with_ledger().await;
    let toml = site.folder.path().join("bridge.toml").display().to_string();
    let check = async || run(program(&["check", "--offline", "--config", &toml])).await.stdout;
    assert!(check().await.contains("bridge.db`, made by the service"));
    assert!(!file.exists(), "a check writes nothing");
    run(program(&["ledger", "status", "--config", &toml])).await;
    let found = check().await;
    let good = |line: &str| line.contains("ledger: `") && line.ends_with("bridge.db`");
    assert!(found.lines().any(good), "{found}");
    let ledger = Connection::open(&file).unwrap();
    ledger.pragma_update(None, "user_version", 7).unwrap();
    drop(ledger);
    let found = check().await;
    assert!(found.contains("has tables of version 7"), "{found}");
    assert!(found.contains("at `ledger.url`"), "{found}");
    let line = "ledger.url = 'sqlite:/nowhere/bridge.db'\n";
    configure(&site, &(usual() + line));
    let found = check().await;
    assert!(found.contains("cannot open the ledger `/nowhere/bridge.db`"), "{found}");
}
