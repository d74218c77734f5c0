//! The bridge's answers to downloads, as Joomla's updaters read them: every way to request a
//! package, every name that a file may have, every refusal.

use std::fmt::Write as _;
use std::fs;

use jbackend_bridge::config::values::HttpStatus;
use testkit::client::Reply;
use testkit::fixture::Schema;

use super::archive;
use super::joomla::{Order, Site as Asking};
use super::joomla_download::{Answer, Outcome, checksums_of, install};
use crate::common::site::{ALICE_KEY, Server, Site};

const JOOMLAS: [&str; 3] = ["3.10.11", "4.4.0", "5.3.2"];

/// The start of every download URL; here the updaters' requests go to the test's server instead.
const PUBLIC: &str = "https://www.example.com";

/// Makes a package with a manifest; compressing would make it shorter.
fn package(name: &str) -> Vec<u8> {
    let manifest = format!("<extension type=\"package\"><name>{name}</name></extension>");
    archive(&[("pkg_example.xml", &manifest), ("readme.txt", &"hello ".repeat(500))])
}

/// Starts a server with free packages `p0`, `p1` … in files of these names, and the paid one
/// `paid`.
async fn serve(names: &[&str], status: HttpStatus) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    let folder = site.packages();
    let mut packages = vec!["paid;paid.zip;redj_enterprise".to_owned(), "gone;gone.zip".into()];
    fs::write(folder.join("paid.zip"), package("paid")).unwrap();
    for (number, name) in names.iter().enumerate() {
        fs::write(folder.join(name), package(name)).unwrap();
        packages.push(format!("p{number};{name}"));
    }
    let release = &mut site.config.release;
    release.http_status = status;
    release.packages = Some(packages);
    release.groups = Some(vec!["redj_enterprise;11,12;HASH123KEY456;ReDJ Enterprise".into()]);
    release.folder = Some("files".into());
    site.serve().await
}

/// Returns the headers of an updater's request for a download, as they were recorded.
fn updater(joomla: &str) -> Vec<(&'static str, String)> {
    let accept = ("Accept", "*/*".to_owned());
    match joomla {
        "3.10.11" => vec![accept],
        version => vec![("User-Agent", format!("Mozilla/5.0 Joomla!/{version} Joomla")), accept],
    }
}

/// Updates one Joomla from a download URL; also returns the last answer.
async fn update(
    server: &Server,
    joomla: &'static str,
    path: &str,
    extra: &str,
) -> (Outcome, Reply) {
    let site = Asking::with(joomla, "1.0.0");
    let paid = checksums_of(&package("paid"));
    let order = Order {
        url: format!("{PUBLIC}{path}"),
        sums: [Some(paid.sha256), Some(paid.sha384), Some(paid.sha512)],
        ..Order::default()
    };
    let mut last = None;
    let ask = async |url: &str| {
        let headers = updater(joomla);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let target = url.strip_prefix(PUBLIC).unwrap();
        let reply = server.client.send("GET", target, &headers, b"").await;
        last = Some(reply.clone());
        Answer {
            status: reply.status,
            headers: reply.headers.into_iter().collect(),
            body: reply.body,
        }
    };
    let outcome = install(&site, &order, extra, ask).await;
    (outcome, last.expect("it was asked for"))
}

/// Checks the rules that hold for every answer, to any client and in any form.
fn holds_always(reply: &Reply, asked_for_a_part: bool) {
    for name in ["content-encoding", "transfer-encoding", "location", "set-cookie"] {
        assert_eq!(reply.header(name), "", "{name}");
    }
    assert!(asked_for_a_part || ![206, 416].contains(&reply.status));
    assert_eq!(
        reply.status == 206,
        reply.headers.contains_key("content-range") && reply.status != 416
    );
    assert!(![201, 202, 203, 204, 205].contains(&reply.status));
}

fn is_the_package(reply: &Reply, name: &str) {
    holds_always(reply, false);
    assert_eq!(reply.status, 200);
    assert!(reply.body == package(name), "another file");
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert_eq!(reply.header("x-release-error"), "");
}

/// Lists the ways to write the address of a package.
fn paths(id: &str) -> Vec<String> {
    vec![
        format!("/packages/get/release/download/{id}"),
        format!("/packages/post/release/download/{id}"),
        format!("/packages/get/release/download?id={id}"),
        format!("/packages?action=get&module=release&resource=download&id={id}"),
        format!("/packages?module=release&action=post&id={id}&resource=download"),
    ]
}

/// Lists the texts that a customer with a key may store as an update site's `extra_query`.
fn keys() -> Vec<String> {
    vec![
        format!("email=alice@example.test&key={ALICE_KEY}"),
        format!("email=alice%40example.test&key={ALICE_KEY}"),
        format!("&email=alice@example.test&key={ALICE_KEY}"),
        format!("email=alice@example.test&amp;key={ALICE_KEY}"),
        // Typed into the one field of Joomla's key manager, with `<dlid prefix="key=">`.
        format!("key={ALICE_KEY}&email=alice@example.test"),
        format!("key={ALICE_KEY}&email=alice@example.test&src=joomla"),
        format!("email=alice@example.test&key={ALICE_KEY}&dummy=.zip"),
        // The download key, with `<dlid prefix="dlid=">`.
        format!("dlid=100:{ALICE_KEY}"),
        format!("dlid=100%3A{ALICE_KEY}"),
    ]
}

#[tokio::test]
async fn every_way_a_download_is_granted_installs() {
    for status in [HttpStatus::Always200, HttpStatus::Real, HttpStatus::JoomlaUpdater] {
        let server = serve(&[], status).await;
        for path in paths("paid") {
            for key in keys() {
                for joomla in JOOMLAS {
                    let (outcome, reply) = update(&server, joomla, &path, &key).await;
                    let told = vec![("success", "Updating package was successful.".to_owned())];
                    let installed = Outcome { is_installed: true, messages: told };
                    assert_eq!(outcome, installed, "{joomla} {path} {key}: {}", reply.text());
                    is_the_package(&reply, "paid");
                }
            }
        }
    }
}

/// A site without a key requests free packages like paid ones, and so does a site with another key.
#[tokio::test]
async fn free_packages_are_the_same_with_any_extra_query() {
    let server = serve(&["free_1.0.zip"], HttpStatus::JoomlaUpdater).await;
    let with_key = keys();
    let extras = ["", "key=", "email=&key=", "dlid=", "dlid=nonsense", "src=joomla", &with_key[0]];
    for path in paths("p0") {
        for extra in extras {
            for joomla in JOOMLAS {
                let (_, reply) = update(&server, joomla, &path, extra).await;
                is_the_package(&reply, "free_1.0.zip");
                assert_eq!(
                    reply.header("content-disposition"),
                    "attachment; filename=\"free_1.0.zip\""
                );
            }
        }
    }
}

/// Other clients send other headers and methods, which must not change the answer for Joomla.
#[tokio::test]
async fn every_manner_of_asking_keeps_the_rules_of_an_answer() {
    let server = serve(&[], HttpStatus::JoomlaUpdater).await;
    let target = format!("/packages/get/release/download/paid?dlid=100:{ALICE_KEY}");
    let ask = async |verb: &str, headers: &[(&str, &str)]| {
        let reply = server.client.send(verb, &target, headers, b"").await;
        holds_always(&reply, headers.iter().any(|(name, _)| *name == "Range"));
        assert_eq!(reply.header("x-release-error"), "");
        reply
    };
    let whole = ask("GET", &[("Accept-Encoding", "gzip, deflate, br, zstd")]).await;
    is_the_package(&whole, "paid");
    let etag = whole.header("etag").to_owned();
    let length = whole.body.len();

    let head = ask("HEAD", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-disposition", "content-length", "content-type", "etag", "accept-ranges"] {
        assert_eq!(head.header(name), whole.header(name), "{name}");
        assert_ne!(head.header(name), "", "{name}");
    }
    for range in ["bytes=0-0", "bytes=5-", "bytes=-5"] {
        let part = ask("GET", &[("Range", range), ("Accept-Encoding", "gzip")]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.header("content-disposition"), whole.header("content-disposition"));
    }
    for headers in [
        &[("Range", "bytes=5-4")][..],
        &[("Range", "nonsense")],
        &[("Range", "bytes=0-1,3-4")],
        &[("Range", "bytes=0-1"), ("If-Range", "\"other\"")],
        &[("If-None-Match", "\"other\"")],
    ] {
        is_the_package(&ask("GET", headers).await, "paid");
    }
    let beyond = format!("bytes={length}-");
    assert_eq!(ask("GET", &[("Range", &beyond)]).await.status, 416);
    for headers in [&[("If-None-Match", etag.as_str())][..], &[("If-None-Match", "*")]] {
        let kept = ask("GET", headers).await;
        assert_eq!((kept.status, kept.body.len()), (304, 0));
        assert_eq!(kept.header("etag"), etag);
    }
    for headers in [&[][..], &[("Range", "bytes=0-0")], &[("If-None-Match", etag.as_str())]] {
        is_the_package(&ask("POST", headers).await, "paid");
    }
    let form = format!("id=paid&email=alice%40example.test&key={ALICE_KEY}");
    let posted = server.client.post("/packages/post/release/download", &form).await;
    is_the_package(&posted, "paid");
}

/// The name on the disk, and the one under which Joomla saves the file.
const NAMES: [(&str, &str); 16] = [
    ("plain.zip", "plain.zip"),
    ("ReDJ 1.9 (J3, J4) [final].zip", "ReDJ 1.9 (J3, J4) [final].zip"),
    ("UPPER.ZIP", "UPPER.ZIP"),
    ("two.dots..zip", "two.dots..zip"),
    ("über.zip", "_ber.zip"),
    ("пакет.zip", "_____.zip"),
    ("\u{1f511}.zip", "_.zip"),
    ("say \"cheese\".zip", "say _cheese_.zip"),
    ("\"quoted.zip", "_quoted.zip"),
    ("o'neil.zip", "o'neil.zip"),
    ("a%20b%22.zip", "a%20b%22.zip"),
    ("filename=other.exe.zip", "filename=other.exe.zip"),
    ("filename*=UTF-8''x.zip", "filename*=UTF-8''x.zip"),
    ("a=b&c#d?e.zip", "a=b&c#d?e.zip"),
    ("tab\there.zip", "tab_here.zip"),
    ("-rf.zip", "-rf.zip"),
];

#[tokio::test]
async fn a_file_may_be_called_as_its_owner_likes() {
    let on_disk: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
    let server = serve(&on_disk, HttpStatus::Always200).await;
    for (number, (name, saved)) in NAMES.iter().enumerate() {
        let right = checksums_of(&package(name));
        for joomla in JOOMLAS {
            let path = format!("/packages/get/release/download/p{number}");
            let (_, reply) = update(&server, joomla, &path, "email=a@b.test&key=x").await;
            is_the_package(&reply, name);
            let disposition = reply.header("content-disposition").to_owned();
            assert!(disposition.is_ascii(), "{disposition}");
            assert!(
                disposition.starts_with(&format!("attachment; filename=\"{saved}\"")),
                "{disposition}"
            );
            let order = Order {
                url: format!("{PUBLIC}{path}"),
                sums: [Some(right.sha256.clone()), None, None],
                ..Order::default()
            };
            let answer = async |_: &str| Answer {
                status: reply.status,
                headers: reply.headers.clone().into_iter().collect(),
                body: reply.body.clone(),
            };
            let outcome = install(&Asking::with(joomla, "1.0.0"), &order, "", answer).await;
            assert!(outcome.is_installed, "{joomla}: {name}: {:?}", outcome.messages);
        }
    }
}

/// The name of the file behind the link does not matter.
#[tokio::test]
async fn a_name_behind_a_link_is_that_of_the_link() {
    let server = serve(&["plain.zip"], HttpStatus::Always200).await;
    let folder = server.site.packages();
    fs::rename(folder.join("plain.zip"), folder.join("a;b.exe")).unwrap();
    std::os::unix::fs::symlink("a;b.exe", folder.join("plain.zip")).unwrap();
    let reply = server.get("/packages/get/release/download/p0").await;
    is_the_package(&reply, "plain.zip");
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"plain.zip\"");
}

/// Lists requests that are refused, with their codes.
fn refusals() -> Vec<(&'static str, String, &'static str)> {
    let alice = |key: &str| format!("email=alice@example.test&key={key}");
    let other = |email: &str| format!("email={email}@example.test&key=x");
    let get = "/packages/get/release/download";
    let paid = "/packages/get/release/download/paid";
    let query = "/packages?action=get&module=release&resource=download&id=paid";
    vec![
        (get, String::new(), "REL_PNS"),
        ("/packages/get/release/download/unknown", String::new(), "REL_PNF"),
        ("/packages/get/release/download/gone", String::new(), "REL_FNF"),
        (paid, String::new(), "REL_ENS"),
        (query, String::new(), "REL_ENS"),
        (paid, "email=alice@example.test".into(), "REL_KNS"),
        (paid, alice("wrong"), "REL_KNV"),
        (query, alice("wrong"), "REL_KNV"),
        (paid, alice("wrong&dummy=.zip"), "REL_KNV"),
        (paid, alice(&ALICE_KEY.to_uppercase()), "REL_KNV"),
        (paid, other("nobody"), "REL_UNF"),
        (paid, other("carol"), "REL_UNE"),
        (paid, other("bob"), "REL_ANA"),
        (paid, "dlid=".into(), "REL_KNV"),
        (paid, "dlid=100:wrong".into(), "REL_KNV"),
        (paid, format!("dlid=101:{ALICE_KEY}"), "REL_KNV"),
        (paid, format!("dlid=100:{ALICE_KEY}&email="), "REL_KNS"),
        ("/packages/put/release/download/paid", String::new(), "REQ_RUN"),
        ("/packages/get/other/download/paid", String::new(), "REQ_MNF"),
    ]
}

/// Nothing is installed, and the header has the reason. The snapshot shows the messages that the
/// administrator reads, for each kind of status.
#[tokio::test]
async fn what_the_administrator_reads_when_we_refuse() {
    let mut shown = String::new();
    for (name, status) in [
        ("always-200", HttpStatus::Always200),
        ("real", HttpStatus::Real),
        ("joomla-updater", HttpStatus::JoomlaUpdater),
    ] {
        let server = serve(&[], status).await;
        writeln!(shown, "http_status = \"{name}\"").unwrap();
        for (path, extra, code) in refusals() {
            let mut read = Vec::new();
            for joomla in JOOMLAS {
                let (outcome, reply) = update(&server, joomla, path, &extra).await;
                assert!(!outcome.is_installed, "{joomla} {path} {extra}");
                assert_eq!(reply.code(), code, "{joomla} {path} {extra}");
                assert_eq!(reply.header("x-release-error"), code);
                holds_always(&reply, false);
                let texts: Vec<_> = outcome
                    .messages
                    .iter()
                    .map(|(_, text)| text.replace(ALICE_KEY, "KEY"))
                    .collect();
                read.push(texts.join(" | "));
            }
            read.dedup();
            let extra = extra.replace(ALICE_KEY, "KEY").replace(&ALICE_KEY.to_uppercase(), "KEY");
            writeln!(shown, "  {code} {path} {extra}").unwrap();
            for texts in read {
                writeln!(shown, "    {}", texts.replace(&ALICE_KEY.to_uppercase(), "KEY")).unwrap();
            }
        }
    }
    insta::assert_snapshot!(shown);
}

/// A refusal stays a refusal under ranges and conditions, and is never part of a file.
#[tokio::test]
async fn a_refusal_knows_no_parts_and_no_copies() {
    for status in [HttpStatus::Always200, HttpStatus::Real, HttpStatus::JoomlaUpdater] {
        let real = status == HttpStatus::Real;
        let server = serve(&[], status).await;
        let target = "/packages/get/release/download/paid?email=alice@example.test&key=wrong";
        for verb in ["GET", "HEAD", "POST"] {
            for header in
                [("Range", "bytes=0-0"), ("If-None-Match", "*"), ("Accept-Encoding", "gzip")]
            {
                let reply = server.client.send(verb, target, &[header], b"").await;
                holds_always(&reply, false);
                let wanted = if real { 403 } else { 200 };
                assert_eq!(reply.status, wanted, "{verb} {header:?}");
                assert_eq!(reply.header("x-release-error"), "REL_KNV");
                assert_eq!(verb == "HEAD", reply.body.is_empty());
                assert!(!reply.body.starts_with(b"PK"));
                for name in ["etag", "last-modified", "accept-ranges"] {
                    assert_eq!(reply.header(name), "", "{name}");
                }
            }
        }
    }
}
