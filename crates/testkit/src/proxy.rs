//! A proxy in front of a database server that cuts connections in the middle of an answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The value of `left` if answers pass whole.
const WHOLE: i64 = -1;

/// A running proxy; it ends with the test's runtime.
pub struct Proxy {
    /// Its own address, for clients.
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    /// Bytes that may still pass, or [`WHOLE`].
    left: AtomicI64,
    /// Connections that were cut.
    cuts: AtomicU64,
    /// Connections that are cut before answers pass whole again.
    to_cut: AtomicU64,
    /// Bytes that pass on each connection to cut.
    bytes: AtomicI64,
}

impl Proxy {
    /// Starts a proxy in front of a port of this machine.
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            left: AtomicI64::new(WHOLE),
            cuts: AtomicU64::new(0),
            to_cut: AtomicU64::new(0),
            bytes: AtomicI64::new(0),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
                    continue;
                };
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// Lets so many bytes of the server's next answers pass, then cuts that connection. It cuts so
    /// many connections; afterwards all answers pass whole again.
    pub fn cut_after(&self, bytes: i64, connections: u64) {
        self.state.to_cut.store(connections, Ordering::SeqCst);
        self.state.bytes.store(bytes, Ordering::SeqCst);
        self.state.left.store(bytes, Ordering::SeqCst);
    }

    /// Stops cutting connections.
    pub fn heal(&self) {
        self.state.to_cut.store(0, Ordering::SeqCst);
        self.state.left.store(WHOLE, Ordering::SeqCst);
    }

    /// Counts the connections that were cut so far.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

async fn pass(client: TcpStream, server: TcpStream, state: Arc<State>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async { drop(tokio::io::copy(&mut from_client, &mut to_server).await) };
    let down = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from_server.read(&mut buffer).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            let passes = state.passes(read);
            let sent = to_client.write_all(&buffer[..passes]).await;
            if sent.is_err() || passes < read {
                return;
            }
        }
    };
    // The first direction that ends also ends the other.
    tokio::select! { () = up => {}, () = down => {} }
}

impl State {
    /// Returns how many bytes of an answer pass.
    fn passes(&self, read: usize) -> usize {
        let left = self.left.load(Ordering::SeqCst);
        if left == WHOLE {
            return read;
        }
        let wanted = i64::try_from(read).unwrap();
        if wanted <= left {
            self.left.store(left - wanted, Ordering::SeqCst);
            return read;
        }
        self.cuts.fetch_add(1, Ordering::SeqCst);
        let more = self.to_cut.fetch_sub(1, Ordering::SeqCst) > 1;
        let next = if more { self.bytes.load(Ordering::SeqCst) } else { WHOLE };
        self.left.store(next, Ordering::SeqCst);
        usize::try_from(left).unwrap()
    }
}
