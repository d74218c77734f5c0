//! A web server that records requests byte for byte, and answers as a test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The reaction to a request.
#[derive(Clone)]
pub(crate) enum Reaction {
    /// Sends these bytes.
    Reply(Vec<u8>),
    /// Sends these bytes and closes the connection.
    ReplyAndClose(Vec<u8>),
    /// Sends these bytes, waits until it is released, then sends the others.
    Pause(Vec<u8>, Vec<u8>),
    /// Sends the head and that many bytes more.
    Large(Vec<u8>, usize),
    /// Never answers.
    Hang,
}

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received {
    /// The request line and headers, without the empty line.
    pub(crate) head: String,
    /// The body as it came over the connection; at most [`KEPT`] bytes of it.
    pub(crate) body: Vec<u8>,
    /// The number of bytes of the body.
    pub(crate) length: usize,
    /// The sum of all bytes of the body.
    pub(crate) sum: u64,
    /// The number of its connection, from 0.
    pub(crate) connection: usize,
}

/// Bytes of a body that are kept, at most.
const KEPT: usize = 1024 * 1024;

impl Received {
    /// Returns the request target.
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// Returns all values of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.head.split("\r\n").skip(1);
        let pairs = lines.map(|line| line.split_once(": ").unwrap());
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Returns the one value of a header, empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} stands there {} times:\n{}", all.len(), self.head);
        all.first().copied().unwrap_or_default()
    }
}

/// A running upstream.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    requests: Mutex<Vec<Received>>,
    gone: Mutex<usize>,
    sent: AtomicUsize,
    reading: tokio::sync::watch::Sender<bool>,
    release: Notify,
    react: Box<dyn Fn(&Received) -> Reaction + Send + Sync>,
}

impl Upstream {
    /// Starts an upstream that answers every request with the same page.
    pub(crate) async fn start() -> Self {
        Self::with(|_| Reaction::Reply(page("the site"))).await
    }

    /// Starts an upstream that answers as `react` says.
    pub(crate) async fn with(
        react: impl Fn(&Received) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            requests: Mutex::default(),
            gone: Mutex::default(),
            sent: AtomicUsize::new(0),
            reading: tokio::sync::watch::Sender::new(true),
            release: Notify::new(),
            react: Box::new(react),
        });
        let all = Arc::clone(&shared);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let shared = Arc::clone(&all);
                tokio::spawn(async move {
                    serve(stream, connection, &shared).await;
                    *shared.gone.lock().unwrap() += 1;
                });
            }
        });
        Self { address, shared }
    }

    /// Returns all requests so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Returns the one request since the last call.
    pub(crate) fn take_one(&self) -> Received {
        let mut requests = std::mem::take(&mut *self.shared.requests.lock().unwrap());
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.pop().unwrap()
    }

    /// Returns the requests since the last call.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.shared.requests.lock().unwrap())
    }

    /// Stops reading bodies, or continues.
    pub(crate) fn read(&self, reads: bool) {
        self.shared.reading.send_replace(reads);
    }

    /// Lets paused answers continue.
    pub(crate) fn release(&self) {
        self.shared.release.notify_one();
    }

    /// Counts the bytes of large answers that have been sent.
    pub(crate) fn sent(&self) -> usize {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// Waits until that many connections are closed.
    pub(crate) async fn until_gone(&self, count: usize) {
        let limit = std::time::Instant::now() + Duration::from_secs(30);
        while *self.shared.gone.lock().unwrap() < count {
            assert!(std::time::Instant::now() < limit, "the connection is still there");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Makes an answer with a body.
pub(crate) fn page(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/html\r\n", body.as_bytes())
}

/// Makes a JSON answer.
pub(crate) fn json(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: application/json\r\n", body.as_bytes())
}

/// Makes an answer with headers.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    let mut buffer = Vec::new();
    while let Some(mut request) = read_head(&mut stream, &mut buffer).await {
        request.connection = connection;
        if read_body(&mut stream, &mut buffer, &mut request, shared).await.is_none() {
            shared.requests.lock().unwrap().push(request);
            return;
        }
        let reaction = (shared.react)(&request);
        shared.requests.lock().unwrap().push(request);
        let sent = match reaction {
            Reaction::Reply(bytes) => stream.write_all(&bytes).await,
            Reaction::ReplyAndClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Reaction::Pause(first, second) => {
                let _ = stream.write_all(&first).await;
                tokio::select! {
                    () = shared.release.notified() => stream.write_all(&second).await,
                    _ = stream.read_u8() => return,
                }
            }
            Reaction::Large(head, length) => {
                let _ = stream.write_all(&head).await;
                large(&mut stream, length, shared).await
            }
            Reaction::Hang => {
                let _ = stream.read_u8().await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn large(stream: &mut TcpStream, length: usize, shared: &Shared) -> std::io::Result<()> {
    let chunk = vec![b'x'; 64 * 1024];
    let mut left = length;
    while left > 0 {
        let some = left.min(chunk.len());
        stream.write_all(&chunk[..some]).await?;
        left -= some;
        shared.sent.fetch_add(some, Ordering::Relaxed);
    }
    Ok(())
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            buffer.drain(..end + 4);
            return Some(Received { head, ..Received::default() });
        }
        more(stream, buffer).await?;
    }
}

async fn read_body(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    request: &mut Received,
    shared: &Shared,
) -> Option<()> {
    let chunked = request.header("transfer-encoding") == "chunked";
    let announced: usize = request.header("content-length").parse().unwrap_or(0);
    let mut reading = shared.reading.subscribe();
    loop {
        let done = if chunked {
            request.take_all(buffer);
            request.body.ends_with(b"0\r\n\r\n")
        } else {
            let wanted = (announced - request.length).min(buffer.len());
            let rest = buffer.split_off(wanted);
            request.take_all(buffer);
            *buffer = rest;
            request.length == announced
        };
        if done {
            return Some(());
        }
        reading.wait_for(|reads| *reads).await.unwrap();
        more(stream, buffer).await?;
    }
}

impl Received {
    fn take_all(&mut self, buffer: &mut Vec<u8>) {
        self.length += buffer.len();
        self.sum += buffer.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        let room = KEPT - self.body.len();
        self.body.extend_from_slice(&buffer[..buffer.len().min(room)]);
        buffer.clear();
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = vec![0; 64 * 1024];
    match stream.read(&mut chunk).await {
        Ok(0) | Err(_) => None,
        Ok(read) => {
            buffer.extend_from_slice(&chunk[..read]);
            Some(())
        }
    }
}
