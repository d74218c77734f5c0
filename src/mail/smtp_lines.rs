//! A TCP stream that is read one line at a time.
//!
//! Used by [`super::smtp_session`] below the SMTP client. The client reads through a buffer that
//! it keeps when `STARTTLS` changes the connection to TLS: whatever somebody on the way appended
//! in plain text to the server's last reply would then count as said under encryption. With single
//! lines the buffer is empty at that moment, and appended text breaks the handshake instead.
//!
//! The client also keeps a line until it ends, however long: so a server may say so much and no more.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes a server may say in one talk, the handshake of TLS among them; some ten thousand are usual.
const MOST: usize = 256 * 1024;

/// How far a talk has come: a server that is connected and says nothing waits for TLS.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<AtomicU8>);

impl Heard {
    const CONNECTED: u8 = 1;
    const SPOKEN: u8 = 2;

    /// Is the server connected, and has it said nothing?
    pub(super) fn nothing(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::CONNECTED
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct LineByLine {
    stream: TcpStream,
    /// Received, not yet handed on.
    ahead: Vec<u8>,
    /// Bytes the server may still say.
    left: usize,
    heard: Heard,
}

impl LineByLine {
    pub(super) fn new(stream: TcpStream, heard: &Heard) -> Self {
        heard.0.store(Heard::CONNECTED, Ordering::Relaxed);
        Self { stream, ahead: Vec::new(), left: MOST, heard: heard.clone() }
    }
}

impl AsyncRead for LineByLine {
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

impl AsyncWrite for LineByLine {
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

impl AsyncTokioStream for LineByLine {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
