//! Servers that stand in for a bridge and answer as a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::tls::self_signed;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The answer of the bare end-point.
pub(super) const ENDPOINT: &str =
    "{\"status\":\"ko\",\"error_code\":\"REQ_MNS\",\"error_description\":\"Module not specified\"}";

/// A server on a free port; it ends with the test.
pub(super) struct Fake {
    /// `http://host:port/packages`.
    pub(super) url: String,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// The reaction to a request, by its number from 0.
pub(super) enum Does {
    /// Sends these bytes and closes.
    Says(Vec<u8>),
    /// Sends these bytes, then zeros without an end.
    NeverEnds(Vec<u8>),
    /// Keeps the connection open and sends no bytes.
    Waits,
}

/// Makes an answer with a body.
pub(super) fn says(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Says(
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .into_bytes(),
    )
}

/// Makes an answer of jBackend.
pub(super) fn json(body: &str) -> Does {
    says(
        "200 OK",
        "Content-Type: application/json\r\nContent-Disposition: attachment;filename=\"response.json\"\r\n",
        body,
    )
}

impl Fake {
    /// Starts a server. `act` chooses the reaction by the number and the head of the request.
    pub(super) async fn start(act: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        Self::start_with(None, act).await
    }

    /// Starts a server with https and a certificate that no authority signed.
    pub(super) async fn start_tls(
        act: impl Fn(usize, &str) -> Does + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(self_signed("127.0.0.1").1), act).await
    }

    async fn start_with(
        tls: Option<TlsAcceptor>,
        act: impl Fn(usize, &str) -> Does + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}/packages", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, act) = (Arc::clone(&requests), Arc::new(act));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (act, tls) = (Arc::clone(&act), tls.clone());
                tokio::spawn(async move {
                    let Some(tls) = tls else {
                        return answer(stream, |head| act(number, head)).await;
                    };
                    // A client that does not trust the certificate disconnects here.
                    if let Ok(stream) = tls.accept(stream).await {
                        answer(stream, |head| act(number, head)).await;
                    }
                });
            }
        });
        Self { url, requests, task }
    }

    /// Counts the requests so far.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, act: impl FnOnce(&str) -> Does) {
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
    if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
        return;
    }
    // The client disconnects when it has read enough.
    while endless && stream.write_all(&[0; 8 * 1024]).await.is_ok() {}
    // TLS ends with a message of its own.
    let _ = stream.shutdown().await;
}
