//! Mail servers that are silent, slow, wordy, refusing or gone.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use testkit::fixture::Schema;
use testkit::smtp_sink::{Reaction, Script, SmtpSink};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::vitals::{at_rest, connections_to, memory, most_memory, open_files};
use super::{Service, Site, configure, ends_well, eventually, site, usual, validate};
use crate::cli::holds_no_secret;
use crate::common::site::ALICE_KEY;

const LETTER: &str = "/packages/post/release/keybyemail/redj_enterprise?email=alice@example.test";

/// Starts the program with a mail server on that port and these lines of configuration.
async fn mailing(port: u16, lines: &str) -> (Site, Service) {
    let site = site(Schema::Sqlite).await;
    // The same account requests mails again and again.
    let smtp = format!(
        "mail.smtp_host = '127.0.0.1'\nmail.smtp_port = {port}\n\
         limits.mails = 0\nlimits.mail_requests = 0\n"
    );
    configure(&site, &(usual() + &smtp + lines));
    let file = site.folder.path().join("bridge.toml");
    let configuration = fs::read_to_string(&file).unwrap().replace("'file'", "'smtp'");
    fs::write(&file, &configuration).unwrap();
    let service = Service::start(&site).await;
    (site, service)
}

fn fault(step: &'static str, reaction: Reaction) -> Script {
    Script { on: vec![(step, reaction)], ..Script::default() }
}

/// Takes far longer than the time limit for a mail.
const DRIP: Reaction =
    Reaction::Drip("220 sink ESMTP, at your service in a while", Duration::from_millis(200));

/// Faults at the same time, at most as many as the program's connections to mail servers.
fn faults() -> [Vec<(&'static str, Reaction)>; 3] {
    let silent = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "LINE", "."];
    let cut = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "LINE", "."];
    [
        silent.map(|step| (step, Reaction::Silence)).to_vec(),
        cut.map(|step| (step, Reaction::Drop)).to_vec(),
        vec![
            ("CONNECT", DRIP),
            (".", DRIP),
            ("CONNECT", Reaction::Endless),
            (".", Reaction::Endless),
            ("CONNECT", Reaction::Reply("554 go away")),
            ("RCPT", Reaction::Reply("451 come back later")),
            (".", Reaction::Reply("552 too much")),
        ],
    ]
}

fn times(sink: &SmtpSink, step: &str) -> usize {
    sink.commands().iter().filter(|command| *command == step).count()
}

#[tokio::test]
async fn whatever_the_mail_server_does_there_is_one_answer_and_nothing_left() {
    let sink = SmtpSink::start().await;
    let port = sink.address.port();
    let (_site, service) = mailing(port, "mail.timeout = 1\n").await;
    assert_eq!(service.get(LETTER).await.code(), "ok");
    let (files, resident) = (open_files(&service), memory(&service));
    let (mut sent, mut failed) = (1, 0);
    for faults in faults() {
        let mut letters = Vec::new();
        for (step, reaction) in &faults {
            sink.follow(fault(step, *reaction));
            let (client, connected) = (service.client.clone(), times(&sink, "CONNECT"));
            letters.push(tokio::spawn(async move { client.send("GET", LETTER, &[], b"").await }));
            eventually("a connection", async || times(&sink, "CONNECT") > connected).await;
        }
        // Other requests do not wait for it.
        assert_eq!(service.get(&validate()).await.code(), "ok");
        for (letter, (step, _)) in join_all(letters).await.into_iter().zip(&faults) {
            let reply = letter.unwrap();
            assert_eq!((reply.status, reply.code().as_str()), (200, "REL_ESM"), "{step}");
            assert_eq!(reply.header("x-release-error"), "REL_ESM");
        }
        assert_eq!(sink.mails().len(), sent, "a mail that was not accepted");
        eventually("no connection", async || connections_to(port) == 0).await;
        sink.follow(Script::default());
        assert_eq!(service.get(LETTER).await.code(), "ok", "well again");
        (sent, failed) = (sent + 1, failed + faults.len());
        assert_eq!(sink.mails().len(), sent);
    }
    at_rest(&service, files).await;
    let grown = most_memory(&service).saturating_sub(resident);
    assert!(grown < 24 * 1024, "{grown} KiB more");
    let count = async |result: &str| {
        let name = format!("jbackend_bridge_mails_total{{result=\"{result}\"}}");
        service.metric(&name).await.map(|count| count.to_string())
    };
    assert_eq!(count("sent").await, Some(sent.to_string()));
    assert_eq!(count("failed").await, Some(failed.to_string()));
    let log = ends_well(service).await;
    holds_no_secret(&log);
    assert!(!log.contains(ALICE_KEY) && !log.contains("alice@"), "{log}");
    assert_eq!(log.matches("the mail with a license key was not sent").count(), failed);
}

/// A port that is bound but has no listener refuses connections.
#[tokio::test]
async fn a_mail_server_that_was_gone_is_used_again() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let (_site, service) = mailing(port, "mail.timeout = 600\n").await;
    for _ in 0..3 {
        assert_eq!(service.get(LETTER).await.code(), "REL_ESM");
    }
    let sink = SmtpSink::on(socket.listen(16).unwrap(), Script::default());
    assert_eq!(service.get(LETTER).await.code(), "ok");
    assert_eq!(sink.mails().len(), 1);
    eventually("no connection", async || connections_to(port) == 0).await;
    ends_well(service).await;
}

#[tokio::test]
async fn a_flood_of_letters_to_a_silent_server_is_few_connections_and_an_end() {
    /// Connections to mail servers at the same time.
    const AT_ONCE: usize = 8;
    for (privacy, code) in [("original", "REL_ESM"), ("uniform", "ok")] {
        let sink = SmtpSink::scripted(fault("EHLO", Reaction::Silence)).await;
        let port = sink.address.port();
        let lines = format!("mail.timeout = 1\nrelease.privacy = '{privacy}'\n");
        let (_site, service) = mailing(port, &lines).await;
        service.get(&validate()).await;
        let files = open_files(&service);
        let letters: Vec<_> = (0..40)
            .map(|_| {
                let client = service.client.clone();
                tokio::spawn(async move { client.send("GET", LETTER, &[], b"").await.code() })
            })
            .collect();
        eventually("connections", async || times(&sink, "EHLO") >= AT_ONCE).await;
        assert!(connections_to(port) <= AT_ONCE);
        assert_eq!(service.get(&validate()).await.code(), "ok");
        for letter in join_all(letters).await {
            assert_eq!(letter.unwrap(), code);
        }
        at_rest(&service, files).await;
        eventually("no connection", async || connections_to(port) == 0).await;
        sink.follow(Script::default());
        assert_eq!(service.get(LETTER).await.code(), "ok");
        eventually("the mail", async || sink.mails().len() == 1).await;
        ends_well(service).await;
    }
}

/// A client that has disconnected looks like one that has only closed its sending side, so its
/// letter goes on, up to the time limit.
#[tokio::test]
async fn letters_whose_clients_have_gone_end_in_their_time() {
    let sink = SmtpSink::scripted(fault("DATA", Reaction::Silence)).await;
    let port = sink.address.port();
    let (_site, service) = mailing(port, "mail.timeout = 2\n").await;
    service.get(&validate()).await;
    let files = open_files(&service);
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut stream = service.client.connect().await;
        let request = format!("GET {LETTER} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        clients.push(stream);
    }
    eventually("letters on their way", async || times(&sink, "DATA") >= 8).await;
    for client in clients {
        client.set_zero_linger().unwrap();
    }
    let failed = "jbackend_bridge_mails_total{result=\"failed\"}";
    eventually("the end of all", async || service.metric(failed).await == Some(20.0)).await;
    eventually("no connection", async || connections_to(port) == 0).await;
    at_rest(&service, files).await;
    sink.follow(Script::default());
    assert_eq!(service.get(LETTER).await.code(), "ok");
    assert_eq!(sink.mails().len(), 1);
    ends_well(service).await;
}

/// A letter under way at a stop may finish within the deadline. If it does not, it is given up, and
/// the log tells that.
#[tokio::test]
async fn a_stop_waits_for_letters_up_to_its_deadline() {
    for (deadline, timeout, heard) in [(600, 2, "REL_ESM"), (1, 600, "")] {
        let sink = SmtpSink::scripted(fault("RCPT", Reaction::Silence)).await;
        let lines = format!("mail.timeout = {timeout}\nserver.shutdown_deadline = {deadline}\n");
        let (_site, service) = mailing(sink.address.port(), &lines).await;
        let mut stream = service.client.connect().await;
        let request = format!("GET {LETTER} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        eventually("a letter on its way", async || times(&sink, "RCPT") == 1).await;
        let log = ends_well(service).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(heard) && answer.is_empty() == heard.is_empty(), "{answer}");
        assert_eq!(log.contains("are cut off"), heard.is_empty(), "{log}");
        assert_eq!(log.contains("status=499"), heard.is_empty(), "{log}");
        assert_eq!(sink.mails().len(), 0);
    }
}
