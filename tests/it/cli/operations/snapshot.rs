//! The standby copy of a running service: its signs for the operator, reloads, a full disk.

use std::fs;

use testkit::fixture::Schema;

use super::{Service, configure, eventually, site, usual, validate};
use crate::cli::program;
use crate::common::site::Site;

const BREAK: &str = "RENAME TABLE #__users TO #__away";
const MEND: &str = "RENAME TABLE #__away TO #__users";

async fn wanted(more: &str) -> Site {
    let site = site(Schema::Joomla5).await;
    let file = site.folder.path().join("snapshot.db");
    let lines = format!(
        "database.snapshot = 'on'\ndatabase.snapshot_file = '{}'\ndatabase.read_only = true\n",
        file.display()
    );
    configure(&site, &[&usual(), lines.as_str(), more].concat());
    site
}

async fn until_taken(site: &Site) {
    let file = site.folder.path().join("snapshot.db");
    eventually("a snapshot", async || file.exists()).await;
}

/// Tells whether an answer comes from the standby copy; it must be a success.
async fn of_snapshot(service: &Service) -> bool {
    let reply = service.get(&validate()).await;
    assert_eq!(reply.code(), "ok", "{}", service.log());
    !reply.header("x-bridge-snapshot").is_empty()
}

#[tokio::test]
async fn metrics_and_readiness_tell_and_reloads_keep_it() {
    let site = wanted("").await;
    let service = Service::start(&site).await;
    until_taken(&site).await;
    let metric =
        async |name: &str| service.metric(&format!("jbackend_bridge_snapshot_{name}")).await;
    assert!(!of_snapshot(&service).await);
    assert_eq!(metric("in_use").await, Some(0.0));
    assert_eq!(metric("max_age_seconds").await, Some(3600.0));
    assert!(metric("age_seconds").await.unwrap() < 60.0);
    assert_eq!(metric("answers_total").await, Some(0.0));

    site.run(BREAK).await;
    assert!(of_snapshot(&service).await);
    assert_eq!(metric("in_use").await, Some(1.0));
    assert_eq!(metric("answers_total").await, Some(1.0));
    // A report is valid for one second.
    eventually("readiness that tells of it", async || {
        let ready = service.ask_admin("/readyz").await;
        assert_eq!(ready.status, 200);
        ready.text().contains("the database has failed: its snapshot answers")
    })
    .await;

    // A reload needs the database, so it fails now.
    service.signal("HUP").await;
    service.logs("not reloaded", 1).await;
    assert!(of_snapshot(&service).await);
    site.run(MEND).await;
    eventually("the database's answer", async || !of_snapshot(&service).await).await;
    // Two lines: the refusal's counts, too.
    service.reload(2).await;
    assert!(!of_snapshot(&service).await);
    // The next copy is minutes away: this is still the one from before.
    let taken = fs::metadata(site.folder.path().join("snapshot.db")).unwrap().modified().unwrap();
    site.run(BREAK).await;
    assert!(of_snapshot(&service).await);
    let now = fs::metadata(site.folder.path().join("snapshot.db")).unwrap().modified().unwrap();
    assert_eq!(now, taken);
    site.run(MEND).await;
    eventually("the database's answer", async || !of_snapshot(&service).await).await;

    // Without a standby copy, requests fail.
    configure(&site, &(usual() + "database.read_only = true\n"));
    service.reload(3).await;
    assert_eq!(metric("max_age_seconds").await, Some(0.0));
    site.run(BREAK).await;
    assert_eq!(service.get(&validate()).await.code(), "REL_RGE");
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn a_full_disk_leaves_the_former_snapshot() {
    let site = wanted("database.snapshot_every = 1\n").await;
    // `ulimit` keeps files below 256 KiB; with the signal ignored, writing on is an error and does
    // not end the program.
    let script = r#"trap '' XFSZ; ulimit -f 512; exec "$0" "$@""#;
    let mut command = tokio::process::Command::new("sh");
    let serve = program(&Service::arguments(&site, "127.0.0.1:0"));
    command.args(["-c", script]).arg(serve.as_std().get_program()).args(serve.as_std().get_args());
    let service = Service::run(&site, command).await;
    until_taken(&site).await;
    site.run(
        "INSERT INTO #__users (name, username, email, params, registerDate) \
         SELECT REPEAT('x', 300), CONCAT('user', seq), CONCAT(seq, '@example.test'), '', NOW() \
         FROM seq_1_to_2000",
    )
    .await;
    service.logs("no snapshot of the database could be taken", 1).await;
    let file = site.folder.path().join("snapshot.db");
    let taken = fs::read(&file).unwrap();
    assert!(taken.len() < 256 * 1024);
    site.run(BREAK).await;
    assert!(of_snapshot(&service).await);
    assert!(!file.with_extension("db.new").exists(), "the unfinished file is still there");
    site.run(MEND).await;
    site.run("DELETE FROM #__users WHERE username LIKE 'user%'").await;
    service.logs("could be taken again", 1).await;
    assert_ne!(fs::read(&file).unwrap(), taken);
    service.signal("TERM").await;
    service.ended().await;
}
