//! Finds requests with two lengths, `Content-Length` and `Transfer-Encoding`.
//!
//! hyper goes by the second and forgets the first. A proxy in front of the bridge may have gone by
//! the first, and then what follows is a request nobody has sent: such a request is refused.
//! Watches the bytes of a connection on their way to hyper and changes none.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest head that is looked at; hyper takes none that is longer.
const LONGEST_HEAD: usize = 128 * 1024;

/// Room for a head that a waiting connection keeps, in bytes.
const USUAL_HEAD: usize = 1024;

/// A connection under observation.
pub(super) struct Framing<S> {
    stream: S,
    state: State,
    /// What has come of the head.
    head: Vec<u8>,
    contradictory: Arc<AtomicBool>,
}

/// Where in a request the last byte was.
enum State {
    /// In the head.
    Head,
    /// In a body, with bytes to come.
    Body(u64),
    /// In the line that tells a chunk's size.
    Size(Vec<u8>),
    /// In a chunk, with bytes to come and the end of line behind it.
    Chunk(u64),
    /// Behind the last chunk, in a line of that length.
    Trailer(usize),
    /// Past what makes sense: hyper closes such a connection.
    Lost,
}

impl<S> Framing<S> {
    pub(super) fn new(stream: S) -> Self {
        let contradictory = Arc::new(AtomicBool::new(false));
        Self { stream, state: State::Head, head: Vec::new(), contradictory }
    }

    /// Whether a request with two lengths has come. It stays so: nothing that follows on the
    /// connection can be believed.
    pub(super) fn contradictory(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.contradictory)
    }

    fn watch(&mut self, mut bytes: &[u8]) {
        while let Some((&first, rest)) = bytes.split_first() {
            match &mut self.state {
                State::Lost => return,
                State::Body(left) | State::Chunk(left) => {
                    let passed = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= passed as u64;
                    let is_over = *left == 0;
                    let in_chunk = matches!(self.state, State::Chunk(_));
                    if is_over && in_chunk {
                        self.state = State::Size(Vec::new());
                    } else if is_over {
                        self.state = State::Head;
                    }
                    bytes = bytes.get(passed..).unwrap_or_default();
                }
                State::Head => {
                    // Only the end of a line can end the head.
                    let line = memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
                    let (line, after) = bytes.split_at(line.min(bytes.len()));
                    self.head.extend_from_slice(line);
                    bytes = after;
                    if is_complete(&mut self.head) {
                        self.state = self.after_head(&self.head);
                        self.head.clear();
                        self.head.shrink_to(USUAL_HEAD);
                    } else if self.head.len() > LONGEST_HEAD {
                        self.state = State::Lost;
                    }
                }
                State::Size(line) => {
                    bytes = rest;
                    if first != b'\n' {
                        line.push(first);
                        if line.len() > LONGEST_HEAD {
                            self.state = State::Lost;
                        }
                        continue;
                    }
                    self.state = match size(line) {
                        None => State::Lost,
                        Some(0) => State::Trailer(0),
                        Some(size) => size.checked_add(2).map_or(State::Lost, State::Chunk),
                    };
                }
                State::Trailer(length) => {
                    bytes = rest;
                    match first {
                        b'\n' if *length == 0 => self.state = State::Head,
                        b'\n' => *length = 0,
                        b'\r' => {}
                        _ => *length = length.saturating_add(1),
                    }
                }
            }
        }
    }

    fn after_head(&self, head: &[u8]) -> State {
        let may_tell = |line: &&[u8]| {
            matches!(line.trim_ascii_start().first(), Some(b'c' | b'C' | b't' | b'T'))
        };
        let lines = head.split(|&byte| byte == b'\n').skip(1).filter(may_tell);
        let fields = lines.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, value) = line.split_at(colon);
            Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
        });
        let (mut length, mut coded) = (None, false);
        for (name, value) in fields {
            if name.eq_ignore_ascii_case(b"content-length") {
                length = Some(value);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                coded = true;
            }
        }
        match (length, coded) {
            (Some(_), true) => {
                self.contradictory.store(true, Ordering::Relaxed);
                State::Lost
            }
            (None, true) => State::Size(Vec::new()),
            (None, false) => State::Head,
            (Some(length), false) => match number(length, 10) {
                None => State::Lost,
                Some(0) => State::Head,
                Some(length) => State::Body(length),
            },
        }
    }
}

/// Does the head end with an empty line? Lines before the first request are none of it.
fn is_complete(head: &mut Vec<u8>) -> bool {
    if matches!(head.as_slice(), b"\r\n" | b"\n") {
        head.clear();
        return false;
    }
    head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n")
}

/// The number a chunk starts with; extensions follow it.
fn size(line: &[u8]) -> Option<u64> {
    number(line.split(|&byte| byte == b';').next()?.trim_ascii(), 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let text = str::from_utf8(digits).ok()?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, radix).ok().filter(|_| is_plain)
}

impl<S: AsyncRead + Unpin> AsyncRead for Framing<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.watch(buffer.filled().get(before..).unwrap_or_default());
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Framing<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
