//! Guessed API keys, and requests that only fill jBackend's log, count for the client's address.

use testkit::client::Reply;

use super::api_keys::validate;
use crate::common::site::{Server, Site};

const STRANGER: &str = "192.0.2.1";
const OTHER: &str = "198.51.100.7";

/// Starts a site that allows so many failures, and then one in a minute.
async fn few(burst: u64) -> Server {
    let mut site = Site::recorded().await;
    site.config.limits.address_failures = 1;
    site.config.limits.address_failures_burst = burst;
    site.serve().await
}

async fn ask(server: &Server, from: &str, target: &str) -> Reply {
    server.client.send("GET", target, &[("X-Forwarded-For", from)], b"").await
}

async fn codes(server: &Server, from: &str, target: &str, times: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..times {
        codes.push(ask(server, from, target).await.code());
    }
    codes
}

fn with_key(key: &str) -> String {
    validate("apikey", &format!("&api_key={key}"))
}

#[tokio::test]
async fn guessed_api_keys_end_at_the_limit_of_the_address() {
    for (wrong, code) in [("nosuch", "REQ_AKI"), ("expired", "REQ_AKE"), ("%ff", "REQ_AKI")] {
        let server = few(3).await;
        let guesses = codes(&server, STRANGER, &with_key(wrong), 5).await;
        assert_eq!(guesses, [code, code, code, "REL_RLE", "REL_RLE"], "{wrong}");
        let reply = ask(&server, STRANGER, &with_key(wrong)).await;
        assert!(reply.headers["retry-after"].parse::<u64>().unwrap() > 0);
        // A right key is still accepted from this address, and other addresses are not affected.
        assert_eq!(codes(&server, STRANGER, &with_key("goodkey"), 5).await, ["ok"; 5]);
        assert_eq!(codes(&server, OTHER, &with_key(wrong), 1).await, [code]);
        // License keys are counted separately.
        let license = "/packages/post/release/validate/redj_enterprise?email=alice@example.test";
        let wrong_license = format!("{license}&key=x");
        assert_eq!(codes(&server, STRANGER, &wrong_license, 1).await, ["REL_KNV"]);
    }
}

/// The key's owner sends too many requests, but does not guess.
#[tokio::test]
async fn a_known_key_without_requests_left_is_no_guess() {
    let server = few(1).await;
    let codes = codes(&server, STRANGER, &with_key("limit2"), 6).await;
    assert_eq!(codes, ["ok", "ok", "REQ_AKL", "REQ_AKL", "REQ_AKL", "REQ_AKL"]);
}

#[tokio::test]
async fn bogus_requests_do_not_fill_the_log() {
    for bogus in [
        "/trace",
        "/trace/post/other/x/y",
        "/trace/post/release/nothing/y",
        "/trace/post/release/validate/nogroup",
        "/trace/post/release/verify/nopackage",
        "/trace/post/release/validate/redj_enterprise",
        "/trace/post/release/validate/redj_enterprise?email=alice@example.test&key=x",
    ] {
        let server = few(3).await;
        let first = ask(&server, STRANGER, bogus).await.code();
        let all = codes(&server, STRANGER, bogus, 20).await;
        assert_eq!(all.iter().filter(|code| **code == first).count(), 2, "{bogus}: {all:?}");
        assert_eq!(all.iter().filter(|code| *code == "REL_RLE").count(), 18, "{bogus}");
        assert_eq!(codes(&server, OTHER, bogus, 1).await, [first]);
        let good = "/trace/post/release/verify/redj_com_190";
        assert_eq!(codes(&server, STRANGER, good, 2).await, ["ok"; 2]);
        let database = server.site.database();
        server.stopped().await;
        assert_eq!(super::trace::rows_of(&database).await, 6, "{bogus}");
    }
}

/// If no trace row is written, a refusal that tells of no account costs nothing.
#[tokio::test]
async fn bogus_requests_without_a_log_are_as_ever() {
    let server = few(1).await;
    let bogus = "/packages/post/release/nothing/y";
    assert_eq!(codes(&server, STRANGER, bogus, 5).await, ["REQ_RUN"; 5]);
}
