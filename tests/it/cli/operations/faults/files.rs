//! Package files and their folder change during downloads.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};

use super::download::{Download, LONG, TARGET, file, make_long};
use super::vitals::{at_rest, open_below, open_files};
use super::{Service, ends_well, eventually, serving, validate};
use crate::cli::holds_no_secret;
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE};

const FREE: &str = "/packages/get/release/download/redj_com_190";
const PAID: &str = "/packages/get/release/download/redj_ent_190";

fn paid(key: &str) -> String {
    format!("{PAID}?email=alice@example.test&key={key}")
}

/// Checks that a wrong key is refused as such, whatever state the files are in.
async fn nobody_gets_in(service: &Service) {
    assert_eq!(service.get(PAID).await.code(), "REL_ENS");
    assert_eq!(service.get(&paid("0")).await.code(), "REL_KNV");
}

/// The name of a change to a file, and the change.
type Change = (&'static str, fn(&mut File));

#[tokio::test]
async fn a_package_changed_during_its_download_is_cut_off_and_then_served_as_it_is() {
    let changes: [Change; 4] = [
        ("truncated", |file| file.set_len(1024 * 1024).unwrap()),
        ("emptied", |file| file.set_len(0).unwrap()),
        ("grown", |file| file.set_len(LONG + 10).unwrap()),
        ("written to", |file| {
            file.seek(SeekFrom::End(-10)).unwrap();
            file.write_all(b"0123456789").unwrap();
        }),
    ];
    let (site, service) = serving("").await;
    service.get(&validate()).await;
    let files = open_files(&service);
    for ((what, change), nth) in changes.into_iter().zip(1_u32..) {
        make_long(&site);
        let download = Download::begin(&service).await;
        change(&mut File::options().write(true).open(file(&site)).unwrap());
        assert!(!download.comes_whole().await, "{what}");
        // The next client gets the file in its new state.
        let reply = service.get(TARGET).await;
        assert_eq!(reply.status, 200, "{what}");
        assert!(reply.body == fs::read(file(&site)).unwrap(), "{what}");
        let cut_off = "jbackend_bridge_downloads_total{package=\"small\",result=\"cut_off\"}";
        eventually(what, async || service.metric(cut_off).await == Some(f64::from(nth))).await;
        fs::write(file(&site), b"PK small").unwrap();
        assert_eq!(service.get(TARGET).await.body, b"PK small");
    }
    at_rest(&service, files).await;
    assert_eq!(open_below(&service, &site.packages()), 0);
    let log = ends_well(service).await;
    assert!(log.matches("small.zip").count() >= 4, "{log}");
}

#[tokio::test]
async fn a_package_replaced_or_deleted_is_sent_to_its_end_and_its_files_are_let_go() {
    let (site, service) = serving("").await;
    service.get(&validate()).await;
    let files = open_files(&service);
    make_long(&site);
    let mut downloads = Vec::new();
    for _ in 0..10 {
        downloads.push(Download::begin(&service).await);
    }
    let new = file(&site).with_extension("new");
    fs::write(&new, b"PK new").unwrap();
    fs::rename(&new, file(&site)).unwrap();
    assert_eq!(service.get(TARGET).await.body, b"PK new");
    fs::remove_file(file(&site)).unwrap();
    assert_eq!(service.get(TARGET).await.code(), "REL_FNF");
    for download in downloads {
        assert!(download.comes_whole().await);
    }
    eventually("no file open", async || open_below(&service, &site.packages()) == 0).await;
    // A pipe is not a package file, and no request waits for its writer.
    let pipe = std::process::Command::new("mkfifo").arg(file(&site)).status().unwrap();
    assert!(pipe.success());
    assert_eq!(service.get(TARGET).await.code(), "REL_FNF");
    fs::remove_file(file(&site)).unwrap();
    fs::create_dir(file(&site)).unwrap();
    assert_eq!(service.get(TARGET).await.code(), "REL_FNF");
    fs::remove_dir(file(&site)).unwrap();
    fs::write(file(&site), b"PK back").unwrap();
    assert_eq!(service.get(TARGET).await.body, b"PK back");
    at_rest(&service, files).await;
    ends_well(service).await;
}

#[tokio::test]
async fn a_folder_that_goes_away_costs_files_and_nothing_else() {
    let (site, service) = serving("").await;
    make_long(&site);
    service.get(&validate()).await;
    let files = open_files(&service);
    let folder = site.packages();
    let away = folder.with_extension("away");
    let mut downloads = Vec::new();
    for _ in 0..5 {
        downloads.push(Download::begin(&service).await);
    }
    for round in 0..3 {
        fs::rename(&folder, &away).unwrap();
        for target in [FREE, TARGET, &paid(ALICE_KEY)] {
            assert_eq!(service.get(target).await.code(), "REL_FNF", "{round}: {target}");
        }
        nobody_gets_in(&service).await;
        assert_eq!(service.get(&validate()).await.code(), "ok");
        eventually("not ready", async || service.ask_admin("/readyz").await.status == 503).await;
        // A file in the place of the folder is not a folder either.
        fs::write(&folder, b"no folder").unwrap();
        assert_eq!(service.get(FREE).await.code(), "REL_FNF");
        fs::remove_file(&folder).unwrap();

        fs::rename(&away, &folder).unwrap();
        assert_eq!(service.get(FREE).await.body, FREE_FILE);
        assert_eq!(service.get(&paid(ALICE_KEY)).await.body, PAID_FILE);
        nobody_gets_in(&service).await;
        eventually("ready", async || service.ask_admin("/readyz").await.status == 200).await;
    }
    // Open files stay readable after their folder has moved.
    for download in downloads {
        assert!(download.comes_whole().await);
    }
    at_rest(&service, files).await;
    assert_eq!(open_below(&service, &folder), 0);
    holds_no_secret(&ends_well(service).await);
}

/// Packages of different sizes replace each other while clients download. Each client gets one
/// whole file of one size, never the beginning of one and the end of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_a_package_that_is_replaced_all_the_time_get_whole_files() {
    let (site, service) = serving("").await;
    let write = |nth: u8| {
        let new = file(&site).with_extension("new");
        fs::write(&new, vec![nth; 100_000 + usize::from(nth) * 1000]).unwrap();
        fs::rename(&new, file(&site)).unwrap();
    };
    write(0);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let client = service.client.clone();
        clients.spawn(async move {
            for _ in 0..50 {
                let reply = client.send("GET", TARGET, &[], b"").await;
                assert_eq!(reply.status, 200);
                let nth = reply.body[0];
                assert_eq!(reply.body.len(), 100_000 + usize::from(nth) * 1000);
                assert!(reply.body.iter().all(|byte| *byte == nth), "parts of two files");
            }
        });
    }
    let mut nth = 0;
    while !clients.is_empty() {
        nth = (nth + 1) % 200;
        write(nth);
        while let Some(done) = clients.try_join_next() {
            done.unwrap();
        }
        tokio::task::yield_now().await;
    }
    eventually("no file open", async || open_below(&service, &site.packages()) == 0).await;
    ends_well(service).await;
}
