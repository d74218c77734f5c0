//! Servers that are no bridge: they answer what a test tells them to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the bare end-point says.
pub(super) const ENDPOINT: &str =
    "{\"status\":\"ko\",\"error_code\":\"REQ_MNS\",\"error_description\":\"Module not specified\"}";

/// A server on a free port; it ends with the test.
pub(super) struct Fake {
    /// `http://host:port/packages`.
    pub(super) url: String,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// What it does with a request, by its number from 0.
pub(super) enum Does {
    /// Sends these bytes and closes.
    Says(Vec<u8>),
    /// Sends these bytes, then zeros without an end.
    NeverEnds(Vec<u8>),
    /// Keeps the connection and says nothing.
    Waits,
}

/// An answer with a body.
pub(super) fn says(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .into_bytes(),
    )
}

/// An answer of jBackend.
pub(super) fn json(body: &str) -> Does {
    says(
        "200 OK",
        "Content-Type: application/json\r\nContent-Disposition: attachment;filename=\"response.json\"\r\n",
        body,
    )
}

impl Fake {
    /// Does with the request of each number, and its head, what `act` says.
    pub(super) async fn start(act: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/packages", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, act) = (Arc::clone(&requests), Arc::new(act));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let act = Arc::clone(&act);
                tokio::spawn(async move { answer(stream, |head| act(number, head)).await });
            }
        });
        Self { url, requests, task }
    }

    /// How often it was asked.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, act: impl FnOnce(&str) -> Does) {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => head.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let (bytes, endless) = match act(&String::from_utf8_lossy(&head)) {
        Does::Says(bytes) => (bytes, false),
        Does::NeverEnds(bytes) => (bytes, true),
        Does::Waits => return std::future::pending().await,
    };
    if stream.write_all(&bytes).await.is_err() {
        return;
    }
    // Whoever has enough goes away.
    while endless && stream.write_all(&[0; 64 * 1024]).await.is_ok() {}
}
