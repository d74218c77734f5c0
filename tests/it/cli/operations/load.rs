//! Clients that send requests without a pause and record every failure.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{eventually, validate};

/// The clients at work.
pub(super) struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    address: String,
    stop: AtomicBool,
    done: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

impl Load {
    /// Starts four clients that connect for each request, and four that keep their connections as
    /// long as the server does.
    pub(super) fn begin(address: &str) -> Self {
        let shared = Arc::new(Shared { address: address.to_owned(), ..Shared::default() });
        let mut clients = JoinSet::new();
        for number in 0..8 {
            let shared = Arc::clone(&shared);
            clients.spawn(async move { shared.ask(number % 2 == 0).await });
        }
        Self { shared, clients }
    }

    /// Waits for so many more answers.
    pub(super) async fn further(&self, answers: usize) {
        let goal = self.shared.done.load(Ordering::Relaxed) + answers;
        eventually("answers", async || {
            self.shared.done.load(Ordering::Relaxed) >= goal || self.has_failed()
        })
        .await;
    }

    fn has_failed(&self) -> bool {
        !self.shared.failed.lock().unwrap().is_empty()
    }

    /// Ends the load; returns the number of answers, and the failures.
    pub(super) async fn end(self) -> (usize, Vec<String>) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
        let failed = self.shared.failed.lock().unwrap().clone();
        (self.shared.done.load(Ordering::Relaxed), failed)
    }
}

impl Shared {
    async fn ask(&self, keep: bool) {
        let mut kept = None;
        let mut asked = 0;
        while !self.stop.load(Ordering::Relaxed) {
            let connected = if let Some(stream) = kept.take() {
                Ok(stream)
            } else {
                asked = 0;
                TcpStream::connect(&self.address).await
            };
            let answered = match connected {
                Ok(stream) => exchange(stream, keep).await,
                Err(error) => Err(format!("not connected: {error}")),
            };
            match answered {
                Ok(stream) => {
                    self.done.fetch_add(1, Ordering::Relaxed);
                    kept = stream;
                    asked += 1;
                }
                Err(failure) => {
                    let failure = format!("request {asked} of a connection: {failure}");
                    self.failed.lock().unwrap().push(failure);
                }
            }
        }
    }
}

/// Sends one request; returns the connection if both sides keep it.
async fn exchange(mut stream: TcpStream, keep: bool) -> Result<Option<TcpStream>, String> {
    let close = if keep { "" } else { "Connection: close\r\n" };
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n{close}\r\n", validate());
    let sent = stream.write_all(request.as_bytes()).await;
    sent.map_err(|error| format!("not sent: {error}"))?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(br#"{"status":"ok"}"#) {
        let read = stream.read(&mut buffer).await;
        let read = read.map_err(|error| format!("no answer: {error}"))?;
        if read == 0 {
            return Err(format!("cut off: {:?}", String::from_utf8_lossy(&answer)));
        }
        answer.extend_from_slice(&buffer[..read]);
    }
    let head = String::from_utf8_lossy(&answer).to_lowercase();
    Ok((keep && !head.contains("connection: close")).then_some(stream))
}
