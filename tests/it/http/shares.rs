//! Which connection has to close if places run out, and how much one address may hold.

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use super::long_download::{LONG, drain, make_long};
use super::{Schema, Server, Site, eventually, next, rest, statuses, validate, within};

/// Starts a server with so many places, and so many per address, that only trusts 127.0.0.1.
async fn with_places(places: u64, of_an_address: u64) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.max_connections = places;
    site.config.server.max_connections_per_address = Some(of_an_address);
    site.config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let server = site.serve().await;
    make_long(&server);
    server
}

/// Connects as a client with this address.
async fn connect_from(address: &str, server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    socket.connect(server.client.address.parse().unwrap()).await.unwrap()
}

async fn ask(stream: &mut TcpStream, target: &str, headers: &str) {
    let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Begins a download and only reads its beginning.
async fn slow_reader(address: &str, server: &Server, headers: &str) -> TcpStream {
    let mut stream = connect_from(address, server).await;
    let headers = format!("Connection: close\r\n{headers}");
    ask(&mut stream, "/packages/get/release/download/small", &headers).await;
    within("the beginning of a download", stream.readable()).await.unwrap();
    stream
}

#[tokio::test]
async fn the_connection_that_is_idle_for_longest_gives_way() {
    let server = with_places(2, 2).await;
    let mut first = server.client.connect().await;
    let mut second = server.client.connect().await;
    for stream in [&mut first, &mut second] {
        ask(stream, &validate(), "").await;
        assert_eq!(next(stream).await.code(), "ok");
    }
    // Now the second one has been idle for longest.
    ask(&mut first, &validate(), "").await;
    assert_eq!(next(&mut first).await.code(), "ok");
    let mut third = server.client.connect().await;
    ask(&mut third, &validate(), "").await;
    assert_eq!(next(&mut third).await.code(), "ok");
    assert_eq!(rest(&mut second).await, "", "it closes without a word");
    ask(&mut first, &validate(), "").await;
    assert_eq!(next(&mut first).await.code(), "ok");
}

/// The connections come from many addresses, or from behind a proxy: no share keeps them out.
#[tokio::test]
async fn heads_that_drip_and_silence_give_way_to_requests() {
    let server = with_places(8, 8).await;
    let mut held = Vec::new();
    for beginning in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-A: "] {
        for _ in 0..40 {
            let mut stream = server.client.connect().await;
            // The server may have closed it in favour of another one.
            let _ = stream.write_all(beginning.as_bytes()).await;
            held.push(stream);
        }
        let reply = within("an answer", server.get(&validate())).await;
        assert_eq!(reply.code(), "ok");
    }
}

#[tokio::test]
async fn one_address_cannot_hold_all_places() {
    let server = with_places(5, 3).await;
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(slow_reader("127.0.0.2", &server, "").await);
    }
    for _ in 0..5 {
        let mut refused = connect_from("127.0.0.2", &server).await;
        assert_eq!(statuses(&rest(&mut refused).await), [503]);
    }
    for address in ["127.0.0.1", "127.0.0.3"] {
        let mut other = connect_from(address, &server).await;
        ask(&mut other, &validate(), "").await;
        assert_eq!(next(&mut other).await.code(), "ok", "{address}");
    }
    // The address's own idle connection has to close for its next one, never a busy one.
    drop(slow.pop());
    eventually("a place of its share", || server.open_sockets() <= 2).await;
    let mut idle = connect_from("127.0.0.2", &server).await;
    ask(&mut idle, &validate(), "").await;
    assert_eq!(next(&mut idle).await.code(), "ok");
    let mut further = connect_from("127.0.0.2", &server).await;
    ask(&mut further, &validate(), "").await;
    assert_eq!(next(&mut further).await.code(), "ok");
    assert_eq!(rest(&mut idle).await, "");
    for mut stream in slow {
        assert!(drain(&mut stream).await > LONG);
    }
}

/// A proxy's connections carry many clients: there, requests under way count.
#[tokio::test]
async fn one_address_behind_a_proxy_cannot_hold_all_places() {
    let server = with_places(8, 2).await;
    let hostile = "X-Forwarded-For: 2001:db8:0:7::1\r\n";
    let mut slow = Vec::new();
    for _ in 0..2 {
        slow.push(slow_reader("127.0.0.1", &server, hostile).await);
    }
    for (address, status) in [
        ("2001:db8:0:7::1", 503),
        ("192.0.2.1, 2001:db8:0:7:ffff::1", 503),
        ("2001:db8:0:8::1", 200),
        ("2001:db8:0:7::1, 192.0.2.1", 200),
    ] {
        let headers = [("X-Forwarded-For", address)];
        let reply = server.client.send("GET", &validate(), &headers, b"").await;
        assert_eq!(reply.status, status, "{address}");
    }
    assert_eq!(server.get(&validate()).await.code(), "ok");
    for mut stream in slow {
        assert!(drain(&mut stream).await > LONG);
    }
    for _ in 0..5 {
        let headers = [("X-Forwarded-For", "2001:db8:0:7::1")];
        let reply = server.client.send("GET", &validate(), &headers, b"").await;
        assert_eq!(reply.code(), "ok");
    }
}
