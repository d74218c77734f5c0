//! A log that cannot be written: its reader has gone, or its disk is full.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use super::super::PATIENCE;
use super::{Schema, Service, configure, site, usual, validate};
use crate::common::client::Client;

/// Every request writes to the log, and so does each panic.
#[tokio::test]
async fn regression_a_log_that_cannot_be_written_took_the_answers_with_it() {
    let (reader, written) = UnixStream::pair().unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let logs = [
        ("its reader has gone", OwnedFd::from(written), "text"),
        ("its disk is full", OwnedFd::from(full.try_clone().unwrap()), "text"),
        ("its disk is full", OwnedFd::from(full), "json"),
    ];
    let mut reader = Some(reader);
    for (what, log, format) in logs {
        let site = site(Schema::Sqlite).await;
        configure(&site, &format!("{}log.level = 'debug'\nlog.format = '{format}'\n", usual()));
        let mut command = crate::cli::program(&Service::arguments(&site, "127.0.0.1:0"));
        command.stdout(Stdio::piped()).stderr(Stdio::from(log));
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = timeout(PATIENCE, said.next_line()).await.expect("a line").unwrap();
            let line = line.unwrap_or_else(|| panic!("{what}: it ended"));
            if let Some(address) = line.strip_prefix("listening on ") {
                break address.to_owned();
            }
        };
        // Whoever reads the one reads the other.
        drop((reader.take(), said));
        let client = Client::new(&address);
        for _ in 0..5 {
            let reply = client.send("GET", &validate(), &[], b"").await;
            assert_eq!(reply.code(), "ok", "{what}");
        }
        let id = child.id().unwrap().to_string();
        for signal in ["HUP", "TERM"] {
            let sent = Command::new("kill").args(["-s", signal, &id]).status().await;
            assert!(sent.unwrap().success());
        }
        let status = timeout(PATIENCE, child.wait()).await.expect("an end").unwrap();
        assert!(status.success(), "{what}: {status}");
    }
}
