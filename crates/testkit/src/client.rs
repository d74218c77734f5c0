//! An HTTP/1.1 client that sends exactly the given bytes: no encoding, no normalising.

use std::collections::HashMap;
use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client of one server.
#[derive(Debug, Clone)]
pub struct Client {
    /// The server, as `host:port`.
    pub address: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Makes a client of `http://host:port`.
    pub fn new(base: &str) -> Self {
        Self { address: base.trim_start_matches("http://").to_owned() }
    }

    /// Connects to the server.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// Sends one request on a new connection.
    pub async fn send(
        &self,
        verb: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut head = format!("{verb} {target} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
            head.push_str("Connection: close\r\n");
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "Transfer-Encoding") {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a body may close before it has read all of it.
        let _ = stream.write_all(body).await;
        read(&mut stream).await
    }

    /// Sends one request, given as bytes.
    pub async fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        read(&mut stream).await
    }

    /// Sends a POST of a form.
    pub async fn post(&self, target: &str, form: &str) -> Reply {
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        self.send("POST", target, &kind, form.as_bytes()).await
    }
}

/// Reads an answer up to the end of the connection.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Reply {
    let mut bytes = Vec::new();
    // A reset after the answer closes the connection too; the bytes before it count.
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("no answer, but: {:?}", String::from_utf8_lossy(&bytes));
    });
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HashMap<_, _> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    Reply { status, headers, body: bytes[end + 4..].to_vec() }
}

impl Reply {
    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns a header, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Reads the error code of a JSON answer, `ok` for `{"status":"ok"…`.
    pub fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON, but {} {:?}", self.status, self.text()));
        json["error_code"].as_str().unwrap_or(json["status"].as_str().unwrap()).to_owned()
    }
}
