//! Files that change and clients that disconnect during a download.

use std::{
    fs,
    io::{Read, Seek, Write},
    net::TcpStream,
};

use rustix::fs::Advice;

use super::{Received, Site, eventually, handles_to, pattern};

const LONG: u64 = 64 * 1024 * 1024;

#[test]
fn a_file_cut_short_ends_the_connection() {
    let site = Site::new();
    site.write_sparse("a.zip", LONG);
    let (stream, first) = begin(&site, "a.zip");
    let file = fs::File::options().write(true).open(site.path("a.zip")).unwrap();
    file.set_len(1024 * 1024).unwrap();
    assert_cut_off(stream, first);
}

#[test]
fn a_file_written_to_ends_the_connection() {
    let site = Site::new();
    site.write_sparse("a.zip", LONG);
    let (stream, first) = begin(&site, "a.zip");
    let mut file = fs::File::options().write(true).open(site.path("a.zip")).unwrap();
    file.seek(std::io::SeekFrom::End(-10)).unwrap();
    file.write_all(b"0123456789").unwrap();
    assert_cut_off(stream, first);
}

#[test]
fn a_file_replaced_or_deleted_is_sent_to_its_end() {
    let site = Site::new();
    let old = pattern(usize::try_from(LONG).unwrap());
    site.write("a.zip", &old);
    let (first, second) = (begin(&site, "a.zip"), begin(&site, "a.zip"));
    site.write("b.zip", b"new");
    fs::rename(site.path("b.zip"), site.path("a.zip")).unwrap();
    assert_eq!(site.get("a.zip", &[]).body, b"new");
    fs::remove_file(site.path("a.zip")).unwrap();
    for (mut stream, mut bytes) in [first, second] {
        stream.read_to_end(&mut bytes).unwrap();
        assert!(Received::parse(&bytes).body == old);
    }
}

#[test]
fn a_file_that_vanished_is_not_found() {
    let site = Site::new();
    site.write("a.zip", b"x");
    assert_eq!(site.get("a.zip", &[]).status, 200);
    fs::remove_file(site.path("a.zip")).unwrap();
    let answer = site.get("a.zip", &[]);
    assert_eq!(answer.status, 404);
    assert!(String::from_utf8(answer.body).unwrap().contains("`a.zip`"));
}

#[test]
fn a_client_that_goes_away_gives_everything_back() {
    let site = Site::new();
    site.write_sparse("a.zip", LONG);
    let clients: Vec<_> = (0..10).map(|_| begin(&site, "a.zip").0).collect();
    eventually("ten open downloads", || handles_to(&site.path("a.zip")) == 10);
    eventually("memory in use", || site.budget.in_use() > 0);
    drop(clients);
    eventually("all handles closed", || handles_to(&site.path("a.zip")) == 0);
    eventually("all memory given back", || site.budget.in_use() == 0);
}

#[test]
fn answers_without_a_body_keep_no_file_open() {
    let site = Site::new();
    site.write_sparse("a.zip", LONG);
    let etag = site.get("a.zip", &[("Range", "bytes=0-0")]);
    let etag = etag.header("etag").unwrap();
    let mut connections = Vec::new();
    for (method, header) in [("HEAD", ("X", "")), ("GET", ("If-None-Match", etag))] {
        let mut stream = site.send(method, "a.zip", &[header]);
        stream.read_exact(&mut [0; 12]).unwrap();
        connections.push(stream);
    }
    eventually("all handles closed", || handles_to(&site.path("a.zip")) == 0);
}

#[test]
fn what_is_not_in_the_page_cache_is_read_from_disk() {
    let site = Site::new();
    let content = pattern(5_000_001);
    site.write("a.zip", &content);
    let file = fs::File::open(site.path("a.zip")).unwrap();
    file.sync_all().unwrap();
    for _ in 0..3 {
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        assert!(site.get("a.zip", &[]).body == content);
        rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        let part = site.get("a.zip", &[("Range", "bytes=1000001-4000000")]);
        assert!(part.body == content[1_000_001..=4_000_000]);
    }
}

/// Begins a download and reads its first bytes.
fn begin(site: &Site, name: &str) -> (TcpStream, Vec<u8>) {
    let mut stream = site.send("GET", name, &[]);
    let mut first = vec![0; 4096];
    stream.read_exact(&mut first).unwrap();
    (stream, first)
}

fn assert_cut_off(mut stream: TcpStream, mut bytes: Vec<u8>) {
    // The end may be a reset, but not a time-out.
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    let answer = Received::parse(&bytes);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-length"), Some("67108864"));
    assert!(answer.body.len() < 67_108_864, "{}", answer.body.len());
    assert!(answer.body.iter().all(|byte| *byte == 0));
}
