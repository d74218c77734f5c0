//! An account of MariaDB's `parsec`, the server's way of logging in from 11.6 on. The server here only
//! speaks as far as the login goes.

use std::time::Duration;

use jbackend_bridge::joomla::{MySqlSettings, MySqlStore, ServerAddress};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn send(stream: &mut TcpStream, sequence: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let head = [length[0], length[1], length[2], sequence];
    stream.write_all(&[&head[..], payload].concat()).await.unwrap();
}

async fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.unwrap();
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.unwrap();
    payload
}

/// Asks for `parsec`, and refuses whatever comes; gives the client's proof.
async fn refuse(mut stream: TcpStream) -> Vec<u8> {
    let hello = [
        &b"\x0a11.8.2-MariaDB\0\x01\0\0\0aaaaaaaa\0"[..],
        // PROTOCOL_41, PLUGIN_AUTH and what belongs to them; 21 bytes of challenge.
        b"\x09\xa2\x2d\x02\0\x08\0\x15\0\0\0\0\0\0\0\0\0\0bbbbbbbbbbbb\0mysql_native_password\0",
    ];
    send(&mut stream, 0, &hello.concat()).await;
    receive(&mut stream).await;
    send(&mut stream, 2, &[&b"\xfeparsec\0"[..], &[7; 32]].concat()).await;
    assert_eq!(receive(&mut stream).await, b"", "the client asks for the salt");
    send(&mut stream, 4, &[&b"P\0"[..], &[9; 18]].concat()).await;
    let proof = receive(&mut stream).await;
    send(&mut stream, 6, b"\xff\x15\x04#28000Access denied for user 'pa'").await;
    proof
}

/// The driver panicked, and took the task or the request along.
#[tokio::test]
async fn a_parsec_account_is_logged_in() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { refuse(listener.accept().await.unwrap().0).await });
    let settings = MySqlSettings {
        address: ServerAddress::Tcp { host: "127.0.0.1".into(), port },
        database: "site".into(),
        user: "pa".into(),
        password: "x".into(),
        prefix: "jos_".parse().unwrap(),
        tls: None,
        pool_max: 1,
        connect_timeout: Duration::from_secs(30),
        query_timeout: Duration::from_secs(30),
    };
    let refused = MySqlStore::connect(settings).await.err().expect("a refusal");
    assert_eq!(server.await.unwrap().len(), 96, "a challenge of its own and a signature");
    assert!(refused.to_string().contains("refuse"), "{refused}");
}
