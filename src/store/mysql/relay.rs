//! TLS below the driver: a relay inside this process.
//!
//! Made by [`super::settings`] for the options of a pool or a connection. The driver has no option
//! for trusted certificates, and its own check refuses those it cannot read. So it uses plain text
//! to a socket of this process, and the relay uses TLS to the server. The driver treats a unix
//! socket as secure, as it is here: it may send a password in plain text, which TLS then encrypts.
//!
//! Until the login has ended, packet numbers are one higher at the server, because the relay sent
//! it a request for TLS. From then on bytes are copied.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::crypto::ring;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, copy, copy_buf, split};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use self::packets::{Greeting, Packet, RelayFailure};
use crate::tls::Client;

mod packets;

pub(super) use self::packets::{NO_SERVER, NO_TLS};

/// How much longer than the driver's caller the way to the server is waited for: the caller tells of
/// the silence.
const GRACE: Duration = Duration::from_secs(1);

/// After a connection that could not be taken: there are no more file descriptors, mostly.
const PAUSE: Duration = Duration::from_millis(100);

/// How long the last bytes to a server may take when the driver has closed.
const GOODBYE: Duration = Duration::from_secs(2);

/// Bytes that are copied at once to the driver: a record of TLS.
const PIECE: usize = 16 * 1024;

/// The socket that the driver connects to, as long as this is kept.
pub(super) struct Relay {
    name: String,
    /// Kept here too: no name is without its owner while the driver may connect to it.
    _listener: Arc<UnixListener>,
    taking: AbortHandle,
}

/// From the driver to the server.
pub(super) struct Route {
    /// Name or address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Client,
    /// How long the driver's caller waits for a connection.
    pub(super) patience: Duration,
}

impl Relay {
    /// Listens. The socket has no place in the file system: no file is left behind, and no folder
    /// has to be writable. Other processes can connect to it, but are refused.
    ///
    /// # Errors
    /// Returns the system's error.
    pub(super) fn open(route: Route) -> io::Result<Self> {
        let mut random = [0; 16];
        let filled = ring::default_provider().secure_random.fill(&mut random);
        filled.map_err(|_| io::Error::other("the system has no random numbers"))?;
        let name = format!("\0jbackend-bridge-{}", base16ct::lower::encode_string(&random));
        let listener = Arc::new(UnixListener::bind(&name)?);
        let taking = tokio::spawn(take(Arc::clone(&listener), Arc::new(route))).abort_handle();
        Ok(Self { name, _listener: listener, taking })
    }

    /// The socket, as the driver wants its path.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Relay {
    /// Connections that stand go on.
    fn drop(&mut self) {
        self.taking.abort();
    }
}

async fn take(listener: Arc<UnixListener>, route: Arc<Route>) {
    loop {
        match listener.accept().await {
            Ok((driver, _)) if is_ours(&driver) => {
                let route = Arc::clone(&route);
                tokio::spawn(async move { carry(driver, &route).await });
            }
            Ok(_) => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Is it a connection of this very process?
fn is_ours(stream: &UnixStream) -> bool {
    let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
    peer.is_some_and(|pid| u32::try_from(pid) == Ok(std::process::id()))
}

async fn carry(mut driver: UnixStream, route: &Route) {
    // The driver sees a failure here as the end of its connection.
    let opening = timeout(route.patience + GRACE, open(&mut driver, route)).await;
    if let Ok(Ok(Some(server))) = opening {
        let (from_server, to_server) = split(server);
        let (from_driver, to_driver) = driver.split();
        let has_ended = AtomicBool::new(false);
        let up = pin!(ascend(from_driver, to_server, &has_ended));
        let down = pin!(descend(from_server, to_driver, &has_ended));
        tokio::select! {
            _ = up => {}
            _ = down => {}
        }
    }
}

/// As far as the driver's answer to the greeting. `None`: the driver was told why not.
async fn open(
    driver: &mut UnixStream,
    route: &Route,
) -> io::Result<Option<impl AsyncRead + AsyncWrite + use<>>> {
    let mut server = match TcpStream::connect((route.host.as_str(), route.port)).await {
        Ok(server) => server,
        Err(error) => {
            return RelayFailure::new(NO_SERVER, &error).instead_of_greeting(driver).await;
        }
    };
    server.set_nodelay(true)?;
    let greeting = match Packet::read(&mut server).await {
        Ok(greeting) => greeting,
        Err(error) => {
            let closed = "it closed the connection";
            return match error.kind() {
                io::ErrorKind::UnexpectedEof => {
                    RelayFailure::new(NO_SERVER, &closed).instead_of_greeting(driver).await
                }
                _ => RelayFailure::new(NO_SERVER, &error).instead_of_greeting(driver).await,
            };
        }
    };
    match greeting.greets() {
        // The driver interprets the server's words best.
        Greeting::Other => {
            greeting.write(driver).await?;
            return Ok(None);
        }
        Greeting::WithoutTls => {
            let reason = "the server offers no TLS";
            return RelayFailure::new(NO_TLS, &reason).instead_of_greeting(driver).await;
        }
        Greeting::WithTls => greeting.write(driver).await?,
    }
    let mut answer = Packet::read(driver).await?;
    let request = answer.ask_for_tls()?;
    request.write(&mut server).await?;
    let mut server = match route.tls.connect(&route.host, server).await {
        Ok(server) => server,
        Err(error) => return RelayFailure::new(NO_TLS, &error).instead_of_login(driver).await,
    };
    answer.number_further();
    answer.write(&mut server).await?;
    Ok(Some(server))
}

/// From the driver to the server.
async fn ascend(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    has_ended: &AtomicBool,
) -> io::Result<()> {
    while !has_ended.load(Ordering::Relaxed) {
        let mut packet = Packet::read(&mut from).await?;
        // It was waited for when the login ended.
        if !has_ended.load(Ordering::Relaxed) {
            packet.number_further();
        }
        packet.write(&mut to).await?;
    }
    copy(&mut from, &mut to).await?;
    timeout(GOODBYE, to.shutdown()).await?
}

/// From the server to the driver.
async fn descend(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    has_ended: &AtomicBool,
) -> io::Result<()> {
    while !has_ended.load(Ordering::Relaxed) {
        let mut packet = Packet::read(&mut from).await?;
        packet.number_back();
        if packet.ends_login() {
            has_ended.store(true, Ordering::Relaxed);
        }
        packet.write(&mut to).await?;
    }
    copy_buf(&mut BufReader::with_capacity(PIECE, from), &mut to).await.map(drop)
}
