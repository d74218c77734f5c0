//! Joomla's notations for a database host, against recordings of Joomla 5.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use joomla_config::DbHost;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn hosts() {
    for line in include_str!("vectors/db_hosts.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let host = DbHost::parse(case["input"].as_str().unwrap());
        assert_eq!(
            json!({
                "input": case["input"],
                "host": host.host,
                "port": host.port,
                "socket": host.socket,
            }),
            case
        );
    }
}

#[test]
fn hosts_next_to_the_recorded_ones() {
    let whole = [
        "[::1]:",
        "[::1",
        "my_server:3306",
        "unix:",
        "unix:/a:b",
        "::1",
        "localhost:70000",
        ":",
        "127.0.0.1:",
        "a b:1",
        ":1:2",
    ];
    for text in whole {
        let host = DbHost::parse(text);
        assert_eq!((host.host.as_deref(), host.port), (Some(text), Some(3306)), "{text}");
        assert_eq!(host.socket, None, "{text}");
    }
    let ports = [
        (":3307", "localhost", 3307),
        ("[fe80::1%eth0]:3307", "[fe80::1%eth0]", 3307),
        ("DB-1.example.com:3310", "DB-1.example.com", 3310),
        ("tcp:///db:3307", "tcp:///db", 3307),
    ];
    for (text, name, port) in ports {
        let host = DbHost::parse(text);
        assert_eq!((host.host.as_deref(), host.port), (Some(name), Some(port)), "{text}");
        assert_eq!(host.socket, None, "{text}");
    }
    assert!(DbHost::parse("localhost").is_default_socket());
    assert!(!DbHost::parse("127.0.0.1").is_default_socket());
    assert!(!DbHost::parse("localhost:3307").is_default_socket());
    assert!(!DbHost::parse("localhost:/s").is_default_socket());
}

proptest! {
    #[test]
    fn any_host_is_read(text in ".{0,40}") {
        let host = DbHost::parse(&text);
        prop_assert!(host.host.is_some() || host.socket.is_some());
        prop_assert!(host.port.is_some() || host.socket.is_some());
    }
}
