//! A TCP stream that is read one line at a time.
//!
//! Used by [`super::smtp_session`] below the SMTP client. The client reads through a buffer of its
//! own. With single lines nothing is in there when `STARTTLS` changes the connection to TLS, which
//! is made of the stream below: plain text that an attacker appended to the server's last reply is
//! then still here, and ends the connection.
//!
//! The client also keeps a line until it ends, however long: so the length of a line is limited.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes a server may say in one talk, or in the part of it under TLS; some hundreds are usual.
const MOST: usize = 256 * 1024;

/// The state of a session: a connected server that sends no line waits for TLS.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<AtomicU8>);

impl Heard {
    const CONNECTED: u8 = 1;
    const SPOKEN: u8 = 2;

    /// Returns whether the server is connected and has sent no line.
    pub(super) fn nothing(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::CONNECTED
    }
}

/// The stream from which lines are read.
pub(super) trait Bytes: AsyncRead + AsyncWrite + fmt::Debug + Send + Sync + Unpin {}
impl<S: AsyncRead + AsyncWrite + fmt::Debug + Send + Sync + Unpin> Bytes for S {}

/// See the module.
#[derive(Debug)]
pub(super) struct LineByLine<S> {
    stream: S,
    /// Received, not yet handed on.
    ahead: Vec<u8>,
    /// Bytes the server may still say.
    left: usize,
    heard: Heard,
}

impl<S: Bytes> LineByLine<S> {
    /// The server is to begin.
    pub(super) fn new(stream: S, heard: &Heard) -> Self {
        heard.0.store(Heard::CONNECTED, Ordering::Relaxed);
        Self { stream, ahead: Vec::new(), left: MOST, heard: heard.clone() }
    }

    /// The server has greeted before TLS was begun, and does not do so again: the client, which
    /// waits for it, is greeted from here.
    pub(super) fn greeted(stream: S) -> Self {
        Self { ahead: b"220 TLS\r\n".to_vec(), ..Self::new(stream, &Heard::default()) }
    }
}

impl<S: Bytes> AsyncRead for LineByLine<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            let mut space = [0; 2048];
            let mut fresh = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut fresh))?;
            let Some(left) = self.left.checked_sub(fresh.filled().len()) else {
                let reason = "the server talks without end";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
            };
            self.left = left;
            if !fresh.filled().is_empty() {
                self.heard.0.store(Heard::SPOKEN, Ordering::Relaxed);
            }
            self.ahead.extend_from_slice(fresh.filled());
        }
        let line = self.ahead.iter().position(|&byte| byte == b'\n');
        let length = line.map_or(self.ahead.len(), |end| end + 1).min(out.remaining());
        let handed_on: Vec<u8> = self.ahead.drain(..length).collect();
        out.put_slice(&handed_on);
        Poll::Ready(Ok(()))
    }
}

impl<S: Bytes> AsyncWrite for LineByLine<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Lines lent to the client: its connection keeps its stream, but TLS needs the stream back.
#[derive(Debug)]
pub(super) struct Lent<S>(Arc<Mutex<Option<LineByLine<S>>>>);

impl<S: Bytes> Lent<S> {
    /// One for the client, one to keep.
    pub(super) fn new(lines: LineByLine<S>) -> (Self, Self) {
        let both = Arc::new(Mutex::new(Some(lines)));
        (Self(Arc::clone(&both)), Self(both))
    }

    /// The stream below; for the client the connection has ended.
    ///
    /// # Errors
    /// The server has said more than the client has read.
    pub(super) fn take_back(&self) -> io::Result<S> {
        let lines =
            self.0.lock().take().ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
        if lines.ahead.is_empty() {
            return Ok(lines.stream);
        }
        let reason = "it was sent more in plain text behind the answer to STARTTLS";
        Err(io::Error::new(io::ErrorKind::InvalidData, reason))
    }

    fn poll<T>(
        &self,
        poll: impl FnOnce(Pin<&mut LineByLine<S>>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match self.0.lock().as_mut() {
            Some(lines) => poll(Pin::new(lines)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl<S: Bytes> AsyncRead for Lent<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll(|lines| lines.poll_read(context, out))
    }
}

impl<S: Bytes> AsyncWrite for Lent<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(|lines| lines.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|lines| lines.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|lines| lines.poll_shutdown(context))
    }
}

/// Error of `peer_addr`, which the client never calls.
const NOWHERE: &str = "the address of a mail server is known where the connection is made";

impl<S: Bytes> AsyncTokioStream for Lent<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::Error::new(io::ErrorKind::Unsupported, NOWHERE))
    }
}

impl<S: Bytes> AsyncTokioStream for LineByLine<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::Error::new(io::ErrorKind::Unsupported, NOWHERE))
    }
}
