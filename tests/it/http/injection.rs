//! Texts that could forge a line of the log, a header of an answer or a command to a terminal: from
//! clients, from settings, from the database.

use std::fmt::Write as _;

use jbackend_bridge::mask::is_unprintable;
use php_compat::query::percent_encode;
use serde_json::Value;
use tempfile::TempDir;
use testkit::client::Client;

use super::{Program, eventually};

/// A package's id with all that a settings line can hold. Here `\r` is not a line end.
const ID: &str = "odd\u{1b}[31m\u{202e}\u{9b}\u{2028}\u{b}\rFORGED";
/// A text from clients: line ends, a whole line of a log, and commands to a terminal.
const TEXT: &str =
    "a\r\nSet-Cookie: forged=1\r\n\r\n2026-01-01T00:00:00Z INFO FORGED\u{1b}]0;x\u{7}\u{202e}";

fn program(format: &str) -> Program {
    let folder = TempDir::new().unwrap();
    jbackend_bridge::service::demo::make(folder.path()).unwrap();
    let root = folder.path().display();
    let id = ID.chars().fold(String::new(), |mut text, c| {
        let _ = write!(text, "\\u{:04x}", u32::from(c));
        text
    });
    let configuration = format!(
        "endpoints = [{{ path = \"packages\", access = \"free\" }}]\n\
         [server]\nlisten = \"127.0.0.1:0\"\n\
         [database]\nurl = \"sqlite:{root}/site.db\"\nprefix = \"jos_\"\n\
         [license]\nrecipe = \"default\"\n\
         [release]\nfolder = \"{root}/files\"\ngroups = [\"{id};9,x;HASH123KEY456;{id}\"]\n\
         packages = [\n\"{id};/public/joomla/redj/ReDJ1.9.0Community_J3.zip\",\n\
         \"{id}2;/public/{id};{id}3\"]\n\
         [mail]\ntransport = \"file\"\noutbox = \"{root}/mails\"\nfrom = \"a@b.test\"\n\
         [log]\nformat = \"{format}\"\nlevel = \"debug\"\nemail_hash_key = \"k\"\n"
    );
    Program::serve(folder, &configuration)
}

async fn send_everything(client: &Client) -> usize {
    let (id, text) = (percent_encode(ID), percent_encode(TEXT));
    let agent = TEXT.replace(['\r', '\n', '\u{1b}', '\u{7}'], "\t");
    let headers = [
        ("User-Agent", agent.as_str()),
        ("Referer", agent.as_str()),
        ("X-Forwarded-For", agent.as_str()),
        ("X-Forwarded-Proto", agent.as_str()),
        ("X-Forwarded-Host", agent.as_str()),
        ("Origin", agent.as_str()),
    ];
    let mut sent = 0;
    for resource in ["keybyemail", "keybyauth", "validate", "verify", "download", &text] {
        for id in [&id, &format!("{id}2"), &text] {
            let target = format!(
                "/packages/post/release/{resource}/{id}?email={text}&key={text}&username={text}\
                 &password={text}&{text}={text}"
            );
            let reply = client.send("GET", &target, &headers, b"").await;
            for (name, value) in &reply.headers {
                assert!(!name.contains("cookie"), "{name}: {value}");
                assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {value}");
            }
            // PHP writes JSON in ASCII only.
            let is_json = reply.header("content-type").contains("json");
            assert!(!is_json || reply.body.is_ascii(), "{}", reply.text());
            sent += 1;
        }
    }
    sent
}

#[tokio::test]
async fn a_line_of_the_log_stays_one_line_and_steers_nothing() {
    for format in ["text", "json"] {
        let program = program(format);
        let client = Client::new(&program.said("listening on "));
        let sent = send_everything(&client).await;
        let requests = |log: &str| log.lines().filter(|line| line.contains("duration_ms")).count();
        eventually("a line for each request", || requests(&program.log()) == sent).await;
        let log = program.log();
        let unprintable = |c: char| is_unprintable(c) && c != '\n';
        let bad = log.lines().find(|line| line.contains(unprintable));
        assert_eq!(bad, None, "in the {format} log");
        assert!(log.contains("odd"), "the odd id was logged: {log}");
        for line in log.lines() {
            let is_json = serde_json::from_str::<Value>(line).is_ok();
            // A line begins with its time, whatever texts it holds.
            let is_text =
                line.starts_with("20") && !line.starts_with("2026-01-01T00:00:00Z INFO F");
            assert!(if format == "json" { is_json } else { is_text }, "forged: {line:?}");
        }
    }
}

/// A client can name any host; none of them appears in an answer.
#[tokio::test]
async fn a_host_that_is_none_gets_into_no_answer() {
    let program = program("text");
    let client = Client::new(&program.said("listening on "));
    for host in ["evil.example", "evil.example:99999", "a b", "\u{fc}", "x\tSet-Cookie: a=b", ""] {
        let request = format!(
            "GET /packages/get/release/download/x HTTP/1.1\r\nHost: {host}\r\n\
             X-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
        );
        let reply = client.raw(request.as_bytes()).await;
        let whole = format!("{:?} {}", reply.headers, reply.text());
        assert!(!whole.contains("evil") && !whole.contains("a=b"), "{host}: {whole}");
    }
}
