//! A web server in front of a site, seen as by a visitor. It answers as the test says, and records
//! the requests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use testkit::tls::recorded;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Status, headers (each with its CRLF) and body.
pub(super) type Answer = (u16, String, String);

pub(super) struct Web {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    is_https: bool,
}

/// Answers like jBackend at a bare end-point.
pub(super) fn jbackend() -> Answer {
    let body =
        r#"{"status":"ko","error_code":"REQ_MNS","error_description":"Module not specified"}"#;
    (200, "Content-Type: application/json\r\n".to_owned(), body.to_owned())
}

/// Answers with a status only.
pub(super) fn status(status: u16) -> Answer {
    (status, String::new(), String::new())
}

impl Web {
    /// Answers every request by its method and path.
    pub(super) async fn start(
        answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::with(None, answer).await
    }

    /// Answers by https, with a certificate that no authority signed, and that a client cannot
    /// verify.
    pub(super) async fn https(
        answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let acceptor = recorded("own_v1.pem", "own.key", rustls::ALL_VERSIONS);
        Self::with(Some(acceptor), answer).await
    }

    async fn with(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (list, answer, is_https) = (Arc::clone(&asked), Arc::new(answer), tls.is_some());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (list, answer, tls) = (Arc::clone(&list), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, &list, &*answer).await,
                        Some(tls) => {
                            // A client that does not trust the certificate disconnects here.
                            let Ok(stream) = tls.accept(stream).await else { return };
                            talk(stream, &list, &*answer).await;
                        }
                    }
                });
            }
        });
        Self { address, asked, is_https }
    }

    pub(super) fn url(&self) -> String {
        format!("{}://{}", if self.is_https { "https" } else { "http" }, self.address)
    }

    /// Lists the requests so far, sorted: method, path, and `Range` if there is one.
    pub(super) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    asked: &Mutex<Vec<String>>,
    answer: &(impl Fn(&str, &str) -> Answer + ?Sized),
) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut range) = (String::new(), String::new());
    if stream.read_line(&mut first).await.unwrap_or(0) == 0 {
        return;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("range:") {
            range = format!(" {}", value.trim());
        }
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    asked.lock().unwrap().push(format!("{method} {path}{range}"));
    let (status, headers, body) = answer(method, path);
    let length = if headers.to_lowercase().contains("content-length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let body = if method == "HEAD" { "" } else { &body };
    let text = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n{headers}{length}\r\n{body}");
    let _ = stream.get_mut().write_all(text.as_bytes()).await;
    let _ = stream.get_mut().shutdown().await;
}
