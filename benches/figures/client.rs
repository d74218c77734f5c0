//! One plain request, for those that load does not send.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::process::Process;

/// The body of the answer to a GET, as text.
pub(crate) fn get(server: &Process, target: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    send(&mut stream, target);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    String::from_utf8_lossy(&answer[end + 4..]).into_owned()
}

/// Sends a GET, after whose answer the connection ends.
pub(crate) fn send(stream: &mut TcpStream, target: &str) {
    let request = format!("GET {target} HTTP/1.1\r\nHost: figures\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
}
