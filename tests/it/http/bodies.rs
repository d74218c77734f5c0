//! Form bodies: how much of them is kept, and which clients are refused.

use std::io::ErrorKind;

use testkit::client::Reply;
use tokio::io::AsyncWriteExt;

use super::{next, rest, serve, statuses, within};
use crate::common::site::{ALICE_KEY, Server, Site};

const TARGET: &str = "/packages/post/release/validate";
const URL_ENCODED: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const MULTIPART: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=xyz");
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

async fn post(server: &Server, kind: (&str, &str), body: &[u8]) -> Reply {
    within("an answer", server.client.send("POST", TARGET, &[kind], body)).await
}

/// Returns the code of `validate`: `REL_GNS` without an id, `REL_GNF` for an unknown one.
async fn code(server: &Server, kind: (&str, &str), body: &[u8]) -> String {
    post(server, kind, body).await.code()
}

fn part(name: &str, value: &str) -> String {
    format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(value: &str) -> String {
    format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"id\"; filename=\"a.bin\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{value}\r\n"
    )
}

#[tokio::test]
async fn both_kinds_of_forms_are_read_on_post_only() {
    let server = serve().await;
    let form = format!("id=redj_enterprise&email=alice%40example.test&key={ALICE_KEY}");
    let parts = [
        part("id", "redj_enterprise"),
        part("email", "alice@example.test"),
        part("key", ALICE_KEY),
        "--xyz--\r\n".to_owned(),
    ]
    .concat();
    for (kind, body) in [(URL_ENCODED, &form), (MULTIPART, &parts)] {
        assert_eq!(code(&server, kind, body.as_bytes()).await, "ok");
        for verb in ["PUT", "GET", "PATCH"] {
            let reply = server.client.send(verb, TARGET, &[kind], body.as_bytes()).await;
            assert_eq!(reply.code(), "REL_GNS", "{verb}");
        }
    }
    for kind in ["application/json", "text/plain", "multipart/mixed; boundary=xyz", "\u{fc}"] {
        assert_eq!(code(&server, ("Content-Type", kind), form.as_bytes()).await, "REL_GNS");
    }
    let shouted = ("Content-Type", "APPLICATION/X-WWW-Form-urlencoded; charset=utf-8");
    assert_eq!(code(&server, shouted, form.as_bytes()).await, "ok");
}

#[tokio::test]
async fn fields_past_64_kib_are_left_out_whole_with_all_that_follow() {
    let server = serve().await;
    let filler = |length: usize| format!("x={}", "y".repeat(length - 2));
    let tail = "&id=grp";
    let fits = filler(64 * KIB - tail.len()) + tail;
    assert_eq!(code(&server, URL_ENCODED, fits.as_bytes()).await, "REL_GNF");
    // With one more byte, `grp` would be cut to `gr`: the field is left out, not shortened.
    let passes = filler(64 * KIB - tail.len() + 1) + tail;
    assert_eq!(code(&server, URL_ENCODED, passes.as_bytes()).await, "REL_GNS");
    let before = format!("id=grp&{}&email=a", filler(70 * KIB));
    assert_eq!(code(&server, URL_ENCODED, before.as_bytes()).await, "REL_GNF");
    let one = format!("id={}", "y".repeat(70 * KIB));
    assert_eq!(code(&server, URL_ENCODED, one.as_bytes()).await, "REL_GNS");

    let parts = |length: usize| part("x", &"y".repeat(length)) + &part("id", "grp") + "--xyz--";
    let fits = 64 * KIB - "x".len() - "idgrp".len();
    assert_eq!(code(&server, MULTIPART, parts(fits).as_bytes()).await, "REL_GNF");
    assert_eq!(code(&server, MULTIPART, parts(fits + 1).as_bytes()).await, "REL_GNS");
    assert_eq!(code(&server, MULTIPART, parts(70 * KIB).as_bytes()).await, "REL_GNS");
}

#[tokio::test]
async fn a_body_past_8_mib_is_ignored_and_the_request_goes_on() {
    let server = serve().await;
    let target = format!("{TARGET}?email=e");
    for (length, code) in [(8 * MIB, "REL_GNF"), (8 * MIB + 1, "REL_GNS")] {
        let mut body = b"id=grp&x=".to_vec();
        body.resize(length, b'y');
        let reply = server.client.send("POST", &target, &[URL_ENCODED], &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (200, code), "{length}");
    }
    let parts = part("id", "grp") + &file(&"y".repeat(8 * MIB)) + "--xyz--";
    assert_eq!(code(&server, MULTIPART, parts.as_bytes()).await, "REL_GNS");
}

#[tokio::test]
async fn past_16_mib_the_answer_is_413_and_the_connection_closes() {
    let server = serve().await;
    let announced = ("Content-Length", "16777217");
    let reply = server.client.send("POST", TARGET, &[URL_ENCODED, announced], b"").await;
    assert_eq!((reply.status, reply.header("connection")), (413, "close"));

    for kind in [URL_ENCODED, MULTIPART] {
        let mut stream = server.client.connect().await;
        let head = format!(
            "POST {TARGET} HTTP/1.1\r\nHost: x\r\n{}: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
            kind.0, kind.1
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = [b"100000\r\n".as_slice(), &vec![b'y'; MIB], b"\r\n"].concat();
        let mut sent = 0;
        while sent < 64 {
            match stream.write_all(&chunk).await {
                Ok(()) => sent += 1,
                Err(error) => {
                    let closed = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
                    assert!(closed.contains(&error.kind()), "{error}");
                    break;
                }
            }
        }
        assert!(sent < 64, "64 MiB were taken");
        assert_eq!(statuses(&rest(&mut stream).await), [413]);
    }
}

#[tokio::test]
async fn files_are_skipped_and_what_follows_them_is_read() {
    let server = serve().await;
    let big = "y".repeat(3 * MIB);
    for (body, code_wanted) in [
        (file("grp") + "--xyz--", "REL_GNS"),
        (file(&big) + &part("id", "grp") + "--xyz--", "REL_GNF"),
        (file("") + &part("id", "grp") + &file(&big) + "--xyz--", "REL_GNF"),
        (file("--xy\r\n--xyzz\r\n\r\n--") + &part("id", "grp") + "--xyz--", "REL_GNF"),
    ] {
        assert_eq!(code(&server, MULTIPART, body.as_bytes()).await, code_wanted, "{body:.200}");
    }
}

#[tokio::test]
async fn a_multipart_form_needs_no_end_and_keeps_what_came_before_nonsense() {
    let server = serve().await;
    let id = part("id", "grp");
    let email = part("email", "e");
    for (body, code_wanted) in [
        (id.clone(), "REL_GNF"),
        (id.clone() + "--xyz", "REL_GNF"),
        (id.clone() + &email[..20], "REL_GNF"),
        (id.clone() + "--xyz\r\nno head at all\r\n\r\n" + &email, "REL_GNF"),
        (id.clone() + "--xyz\r\nContent-Type: a/b\r\n\r\nunnamed\r\n" + &email, "REL_GNF"),
        ("no boundary".to_owned(), "REL_GNS"),
        ("--xyz--".to_owned(), "REL_GNS"),
        (format!("--xyz\r\n{}", "X-A: b\r\n".repeat(200)), "REL_GNS"),
    ] {
        assert_eq!(code(&server, MULTIPART, body.as_bytes()).await, code_wanted, "{body:.200}");
    }
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"",
        &format!("multipart/form-data; boundary={}", "x".repeat(1000)),
    ] {
        assert_eq!(code(&server, ("Content-Type", kind), id.as_bytes()).await, "REL_GNS", "{kind}");
    }
}

/// Otherwise such a head would take up to 16 MiB of memory, and be searched again with every chunk.
#[tokio::test]
async fn a_part_whose_head_does_not_end_breaks_the_form_off() {
    let server = serve().await;
    let head = format!("--xyz\r\nContent-Disposition: {}", "y".repeat(7 * MIB));
    let body = part("id", "grp")
        + &head
        + "\r\n\r\nvalue\r\n"
        + &part("id", "redj_enterprise")
        + "--xyz--";
    assert_eq!(code(&server, MULTIPART, body.as_bytes()).await, "REL_GNF");
    let preamble = "y".repeat(7 * MIB) + "\r\n" + &part("id", "grp") + "--xyz--";
    assert_eq!(code(&server, MULTIPART, preamble.as_bytes()).await, "REL_GNF");
}

/// The bytes may be cut in any way during the transfer.
#[tokio::test]
async fn a_multipart_form_is_read_the_same_in_chunks_of_any_size() {
    let server = serve().await;
    let body = [
        "a preamble\r\n",
        &part("email", "alice@example.test"),
        &file("\r\n--xy\r\n-"),
        "--xyz\r\ncontent-disposition: form-data; NAME=id ; x=\"\\\"\"\r\n\r\nredj_enterprise\r\n",
        &part("key", ALICE_KEY),
        "--xyz--",
    ]
    .concat();
    for size in [1, 2, 3, 7, 64, 1000] {
        let mut chunks = String::new();
        for chunk in body.as_bytes().chunks(size) {
            let chunk = std::str::from_utf8(chunk).unwrap();
            chunks.extend([&format!("{:x}", chunk.len()), "\r\n", chunk, "\r\n"]);
        }
        chunks.push_str("0\r\n\r\n");
        let headers = [MULTIPART, ("Transfer-Encoding", "chunked")];
        let reply = server.client.send("POST", TARGET, &headers, chunks.as_bytes()).await;
        assert_eq!(reply.code(), "ok", "chunks of {size}");
    }
}

#[tokio::test]
async fn the_connection_is_good_for_more_after_a_form_that_broke_off() {
    let server = serve().await;
    let mut stream = server.client.connect().await;
    let body = part("id", "grp") + "--xyz--\r\nthe epilogue" + &"y".repeat(MIB);
    let request = format!(
        "POST {TARGET} HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Length: {}\r\n\r\n{body}",
        MULTIPART.0,
        MULTIPART.1,
        body.len()
    );
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(next(&mut stream).await.code(), "REL_GNF");
    }
}

#[tokio::test]
async fn only_the_first_thousand_fields_of_a_body_count() {
    let server = serve().await;
    for (before, code_wanted) in [(999, "REL_GNF"), (1000, "REL_GNS")] {
        let form: Vec<_> = (0..before).map(|n| format!("p{n}=&")).collect();
        let parts: String = (0..before).map(|n| part(&format!("p{n}"), "")).collect();
        let form = form.concat() + "id=grp";
        let parts = parts + &part("id", "grp") + "--xyz--";
        assert_eq!(code(&server, URL_ENCODED, form.as_bytes()).await, code_wanted);
        assert_eq!(code(&server, MULTIPART, parts.as_bytes()).await, code_wanted);
    }
}

#[tokio::test]
async fn any_bytes_make_a_body() {
    let server = serve().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
    for kind in [URL_ENCODED, MULTIPART] {
        assert_eq!(post(&server, kind, &bytes).await.status, 200);
        assert_eq!(post(&server, kind, b"").await.code(), "REL_GNS");
    }
    let form = b"id=redj_enterprise&email=\xff\xfe%00%ff&key=\xc3\x28";
    assert_eq!(code(&server, URL_ENCODED, form).await, "REL_UNF");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_in_408() {
    let mut site = Site::new(testkit::fixture::Schema::Sqlite).await;
    site.config.server.body_timeout = 1;
    let server = site.serve().await;
    for kind in [URL_ENCODED, MULTIPART] {
        let head = format!(
            "POST {TARGET} HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Length: 500\r\n\r\nid=",
            kind.0, kind.1
        );
        assert_eq!(statuses(&super::raw(&server, head.as_bytes()).await), [408]);
    }
}

/// The body for another page is not read at all.
#[tokio::test]
async fn a_body_for_no_end_point_is_not_waited_for() {
    let server = serve().await;
    let mut stream = server.client.connect().await;
    let head = "POST /elsewhere HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nid=";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(next(&mut stream).await.status, 404);
}
