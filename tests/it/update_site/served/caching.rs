//! Validators, conditions, and compression for clients that accept it.

use std::io::Read;

use flate2::read::GzDecoder;
use testkit::client::Reply;
use testkit::fixture::Schema;

use super::{XML, listed, replace, site, version};
use crate::common::site::Server;

async fn asked(server: &Server, headers: &[(&str, &str)]) -> Reply {
    server.client.send("GET", XML, headers, b"").await
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_copy_is_good_until_the_content_changes() {
    let server = site(Schema::Sqlite).await.serve().await;
    let first = listed(&server, XML, "1.9.0").await;
    assert_eq!(first.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(first.header("cache-control"), "no-cache");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    let (etag, date) = (first.header("etag"), first.header("last-modified"));
    assert!(etag.starts_with('"') && etag.len() > 20, "{etag}");
    for condition in [
        ("If-None-Match", etag),
        ("If-None-Match", "*"),
        ("If-None-Match", &*format!("\"other\", W/{etag}")),
        ("If-Modified-Since", date),
    ] {
        let reply = asked(&server, &[condition]).await;
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{condition:?}");
        assert_eq!((reply.header("etag"), reply.header("last-modified")), (etag, date));
        assert_eq!(reply.header("cache-control"), "no-cache");
    }
    for condition in [
        ("If-None-Match", "\"other\""),
        ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("If-Modified-Since", "yesterday"),
    ] {
        let reply = asked(&server, &[condition]).await;
        assert_eq!((reply.status, reply.body), (200, first.body.clone()), "{condition:?}");
    }
    let other = [("If-None-Match", "\"other\""), ("If-Modified-Since", date)];
    assert_eq!(asked(&server, &other).await.status, 200, "the tag wins");

    // The content changes, also within the same second.
    replace(&server.site, super::COMMUNITY, &version("1.9.1"));
    let second = listed(&server, XML, "1.9.1").await;
    assert_ne!(second.header("etag"), etag);
    for condition in [("If-None-Match", etag), ("If-Modified-Since", date)] {
        assert_eq!(asked(&server, &[condition]).await.status, 200, "{condition:?}");
    }
    // A file that is gone does not change the XML.
    std::fs::remove_file(server.site.packages().join(super::COMMUNITY)).unwrap();
    let third = asked(&server, &[("If-None-Match", second.header("etag"))]).await;
    assert_eq!(third.status, 304);
    server.stopped().await;
}

#[tokio::test]
async fn compressed_only_for_those_who_ask() {
    let server = site(Schema::Sqlite).await.serve().await;
    let plain = listed(&server, XML, "1.9.0").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
    for accepted in ["gzip", "deflate, GZIP;q=0.5, br", "*", "identity;q=0.5, gzip", "x-gzip"] {
        let reply = asked(&server, &[("Accept-Encoding", accepted)]).await;
        assert_eq!(reply.header("content-encoding"), "gzip", "{accepted}");
        assert_eq!(reply.header("vary"), "Accept-Encoding");
        assert_ne!(reply.header("etag"), plain.header("etag"));
        assert!(reply.body.len() < plain.body.len());
        assert_eq!(reply.header("content-length"), reply.body.len().to_string());
        assert_eq!(unpacked(&reply.body), plain.text(), "{accepted}");
        let known = [("Accept-Encoding", accepted), ("If-None-Match", reply.header("etag"))];
        assert_eq!(asked(&server, &known).await.status, 304);
        let other = [("Accept-Encoding", accepted), ("If-None-Match", plain.header("etag"))];
        assert_eq!(asked(&server, &other).await.status, 200, "each form has a tag of its own");
    }
    for accepted in
        ["", "identity", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "gzip;q=0.1, identity"]
    {
        let reply = asked(&server, &[("Accept-Encoding", accepted)]).await;
        assert_eq!(reply.header("content-encoding"), "", "{accepted}");
        assert_eq!(reply.text(), plain.text(), "{accepted}");
    }
    server.stopped().await;
}
