//! A server that speaks MySQL's protocol up to the login, for messages that the real server here
//! does not send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a packet to the client.
pub async fn send(stream: &mut TcpStream, sequence: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let head = [length[0], length[1], length[2], sequence];
    stream.write_all(&[&head[..], payload].concat()).await.unwrap();
}

/// Reads a packet of the client.
pub async fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.unwrap();
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.unwrap();
    payload
}

/// Greets a client as a server of this version does.
pub async fn greet(stream: &mut TcpStream, version: &str) {
    let hello = [
        b"\x0a",
        version.as_bytes(),
        &b"\0\x01\0\0\0aaaaaaaa\0"[..],
        // PROTOCOL_41, PLUGIN_AUTH and the flags that belong to them; 21 bytes of challenge.
        b"\x09\xa2\x2d\x02\0\x08\0\x15\0\0\0\0\0\0\0\0\0\0bbbbbbbbbbbb\0mysql_native_password\0",
    ];
    send(stream, 0, &hello.concat()).await;
}

/// Sends an error of the server.
pub async fn fail(stream: &mut TcpStream, sequence: u8, code: u16, message: &str) {
    let payload = [&[0xff][..], &code.to_le_bytes(), b"#HY000", message.as_bytes()];
    send(stream, sequence, &payload.concat()).await;
}
