//! A log that cannot be written: its reader has gone, or its disk is full.

use std::fs::File;
use std::io::BufRead as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use testkit::client::Client;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

use super::super::PATIENCE;
use super::{Schema, Service, configure, site, usual, validate};

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
        let address = address(&mut said).await;
        // One reader holds both ends, so drop both.
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

async fn address(said: &mut Lines<BufReader<ChildStdout>>) -> String {
    loop {
        let line = timeout(PATIENCE, said.next_line()).await.expect("a line").unwrap();
        if let Some(address) = line.expect("it ended").strip_prefix("listening on ") {
            return address.to_owned();
        }
    }
}

/// A pipe holds some hundred lines, and its reader has stopped.
#[tokio::test]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    let (reader, log) = std::io::pipe().unwrap();
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let mut command = crate::cli::program(&Service::arguments(&site, "127.0.0.1:0"));
    command.stdout(Stdio::piped()).stderr(Stdio::from(log));
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let client = Client::new(&address(&mut said).await);
    for number in 0..1_500 {
        let reply = timeout(PATIENCE, client.send("GET", &validate(), &[], b"")).await;
        let reply = reply.unwrap_or_else(|_| panic!("request {number} was not answered"));
        assert_eq!(reply.code(), "ok");
    }
    // Once the log is read, it is complete.
    let lines = tokio::task::spawn_blocking(move || {
        let lines = std::io::BufReader::new(reader).lines();
        lines.map(Result::unwrap).filter(|line| line.contains("resource=\"validate\"")).count()
    });
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").arg(&id).status().await.unwrap().success());
    let status = timeout(PATIENCE, child.wait()).await.expect("an end").unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(lines.await.unwrap(), 1_500);
}
