//! The address that a request counts for.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue};
use jbackend_bridge::config::values::TrustedProxy;
use jbackend_bridge::http::peer::{Peer, Proxies};
use testkit::client::Client;

use super::{Program, eventually};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

fn client(trusted: &[&str], peer: &str, headers: &[&[u8]]) -> String {
    let trusted = trusted.iter().map(|text| text.parse().unwrap());
    let trusted = trusted.collect::<Vec<TrustedProxy>>();
    let peer = match peer {
        "unix" => Peer::Unix,
        address => Peer::Tcp(SocketAddr::new(address.parse().unwrap(), 4000)),
    };
    let mut map = HeaderMap::new();
    for value in headers {
        map.append(FORWARDED_FOR, HeaderValue::from_bytes(value).unwrap());
    }
    let client = Proxies::new(trusted).client(peer, &map);
    client.map_or("-".to_owned(), |client: IpAddr| client.to_string())
}

#[test]
fn the_right_most_entry_that_is_not_trusted_is_the_client() {
    let proxies = ["127.0.0.1", "::1", "10.0.0.0/8", "unix"];
    for (peer, headers, expected) in [
        ("127.0.0.1", vec![], "127.0.0.1"),
        ("127.0.0.1", vec!["192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", vec!["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", vec!["198.51.100.9,192.0.2.1 , 10.1.2.3"], "192.0.2.1"),
        ("127.0.0.1", vec!["198.51.100.9", "192.0.2.1", "10.1.2.3"], "192.0.2.1"),
        ("127.0.0.1", vec!["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        ("10.255.0.1", vec!["192.0.2.1:4711"], "192.0.2.1"),
        ("::1", vec!["2001:db8::7"], "2001:db8::7"),
        ("::1", vec!["[2001:db8::7]"], "2001:db8::7"),
        ("::1", vec!["[2001:db8::7]:443"], "2001:db8::7"),
        ("::ffff:127.0.0.1", vec!["::ffff:192.0.2.1"], "192.0.2.1"),
        ("unix", vec![], "-"),
        ("unix", vec!["192.0.2.1"], "192.0.2.1"),
        ("192.0.2.7", vec!["198.51.100.9"], "192.0.2.7"),
        ("11.0.0.1", vec!["198.51.100.9"], "11.0.0.1"),
    ] {
        let headers: Vec<_> = headers.iter().map(|value| value.as_bytes()).collect();
        assert_eq!(client(&proxies, peer, &headers), expected, "{peer} {headers:?}");
    }
    assert_eq!(client(&["127.0.0.1"], "unix", &[b"192.0.2.1"]), "-");
    assert_eq!(client(&["0.0.0.0/0"], "192.0.2.1", &[b"192.0.2.2, 192.0.2.3"]), "192.0.2.2");
}

#[test]
fn garbage_ends_the_chain_at_what_is_known() {
    for (header, expected) in [
        (&b"unknown"[..], "127.0.0.1"),
        (b"192.0.2.1, _hidden", "127.0.0.1"),
        (b"192.0.2.1, unknown, 127.0.0.2", "127.0.0.2"),
        (b"192.0.2.1, 300.1.1.1", "127.0.0.1"),
        (b"192.0.2.1:99999", "127.0.0.1"),
        (b"[192.0.2.1", "127.0.0.1"),
        (b"", "127.0.0.1"),
        (b",,,", "127.0.0.1"),
        (b"192.0.2.1, ,", "192.0.2.1"),
        (b"\xff\xfe", "127.0.0.1"),
    ] {
        assert_eq!(client(&["127.0.0.0/8"], "127.0.0.1", &[header]), expected, "{header:?}");
    }
}

/// Bytes beyond ASCII must not hide the whole header, as the proxy's entry is in it.
#[test]
fn a_client_cannot_hide_behind_bytes_that_are_not_ascii() {
    let header = b"\xe9\xff, 192.0.2.1".as_slice();
    assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &[header]), "192.0.2.1");
    let headers = [b"198.51.100.9".as_slice(), b"\xff, 192.0.2.1"];
    assert_eq!(client(&["127.0.0.1"], "127.0.0.1", &headers), "192.0.2.1");
}

#[tokio::test]
async fn a_proxy_on_this_machine_is_believed_by_default() {
    let program = Program::demo("127.0.0.1:0");
    let client = Client::new(&program.address());
    let headers = [("X-Forwarded-For", "203.0.113.5, 192.0.2.77")];
    client.send("GET", "/packages/get/release/download/redj_com_190", &headers, b"").await;
    eventually("a line in the log", || program.log().contains("client=\"192.0.2.77\"")).await;
}
