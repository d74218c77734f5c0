//! A package is replaced again and again, while several clients read XML and download.
//!
//! Each client reads an XML, downloads, and reads the XML again. There is always an entry. Its
//! checksum belongs to the downloaded file, or to an earlier one. The second XML's checksum belongs
//! to that file or to a later one. When the replacing ends, the last file is listed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};
use testkit::client::Client;
use testkit::fixture::Schema;

use super::{COMMUNITY, PUBLIC, XML, eventually, listed, replace, site, texts, version};

/// How often the package is replaced.
const TIMES: usize = 60;
const CLIENTS: usize = 4;

fn sum(file: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(file))
}

/// Finds the file that the listed checksum belongs to.
async fn listed_file(client: &Client, files: &HashMap<String, usize>) -> usize {
    let text = client.send("GET", XML, &[], b"").await.text();
    let sums = texts(&text, "sha256");
    assert_eq!(sums.len(), 1, "{text}");
    *files.get(sums[0]).expect("the checksum of a file that was there")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_xml_always_names_a_version_and_never_steps_back() {
    let contents: Vec<Vec<u8>> = (0..TIMES).map(|number| version(&format!("2.{number}"))).collect();
    let files: HashMap<_, _> =
        contents.iter().enumerate().map(|(number, file)| (sum(file), number)).collect();
    let server = site(Schema::Sqlite).await.serve().await;
    replace(&server.site, COMMUNITY, &contents[0]);
    listed(&server, XML, "2.0").await;
    let (files, done) = (Arc::new(files), Arc::new(AtomicBool::new(false)));
    let matched = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (client, files, done) = (server.client.clone(), Arc::clone(&files), Arc::clone(&done));
        let matched = Arc::clone(&matched);
        clients.push(tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                let first = listed_file(&client, &files).await;
                let target = "/packages/get/release/download/redj_com_190";
                let file = client.send("GET", target, &[], b"").await.body;
                let got = files[&sum(&file)];
                let second = listed_file(&client, &files).await;
                assert!(first <= got, "the XML told of {first} before it was there: {got} was");
                assert!(second >= first, "{second} after {first}");
                if first == got {
                    matched.fetch_add(1, Ordering::SeqCst);
                }
            }
        }));
    }
    for (number, content) in contents.iter().enumerate().skip(1) {
        replace(&server.site, COMMUNITY, content);
        // Some files stay long enough to be listed; most do not.
        if number % 10 == 0 {
            listed(&server, XML, &format!("2.{number}")).await;
        }
    }
    let last = format!("2.{}", TIMES - 1);
    listed(&server, XML, &last).await;
    let before = matched.load(Ordering::SeqCst);
    eventually("a match", async || matched.load(Ordering::SeqCst) > before).await;
    done.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let text = server.get(XML).await.text();
    let url = format!("{PUBLIC}/packages/get/release/download/redj_com_190");
    assert!(text.contains(&url) && text.contains(&sum(contents.last().unwrap())), "{text}");
    server.stopped().await;
}
