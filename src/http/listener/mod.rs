//! Opens sockets to listen on: TCP, a unix socket, or those that systemd hands over.

pub mod accept;

use std::fs::Permissions;
use std::io;
use std::net;
use std::os::unix;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::peer::Peer;
use crate::config::values::Listen;
use crate::told::{tells, told};

/// Why a socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken, does not belong to this machine, or is not allowed.
    Tcp {
        /// As configured.
        address: String,
        /// The system's error.
        reason: io::Error,
    },
    /// The socket's folder is missing or not writable.
    Unix {
        /// The socket.
        path: PathBuf,
        /// The system's error.
        reason: io::Error,
    },
    /// Systemd has handed over no socket.
    NoSockets,
    /// A socket of systemd's cannot be used.
    Systemd(io::Error),
}

tells!(ListenError {
    Self::Tcp { address, reason } => told!(
        "cannot listen on `{address}`: {reason}" =>
        "choose another address with `--listen`, or with `listen` in `[server]`"
    ),
    Self::Unix { path, reason } => told!(
        "cannot listen on the unix socket `{}`: {reason}", path.display() =>
        "make its folder, and make it writable, or choose another path with `--listen`, or with \
         `listen` in `[server]`"
    ),
    Self::NoSockets => told!(
        "`listen = \"systemd\"`, but systemd has handed over no socket" =>
        "start the socket unit"
    ),
    Self::Systemd(it) => told!(
        "a socket handed over by systemd cannot be used: {it}" =>
        "correct the socket unit"
    ),
});

/// A socket that accepts clients.
#[derive(Debug)]
pub enum Listener {
    /// TCP.
    Tcp(TcpListener),
    /// A unix socket.
    Unix(UnixListener),
}

/// A client's connection.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Sends the answer, if that is possible without waiting, and closes.
    pub(super) fn turn_away(self, answer: &[u8]) {
        // A client that does not get it only sees the connection close.
        let _ = match self {
            Self::Tcp(stream) => stream.try_write(answer),
            Self::Unix(stream) => stream.try_write(answer),
        };
    }
}

impl Listener {
    /// Returns the address of a TCP socket.
    #[must_use]
    pub fn socket_address(&self) -> Option<net::SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    /// Words the address for the log.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Tcp(listener) => listener
                .local_addr()
                .map_or_else(|_| "tcp".into(), |address| format!("http://{address}")),
            Self::Unix(listener) => listener
                .local_addr()
                .ok()
                .and_then(|address| {
                    address.as_pathname().map(|path| format!("unix:{}", path.display()))
                })
                .unwrap_or_else(|| "unix".into()),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // Answers are written whole, so delaying small packets gains nothing. An error
                // means that the client has gone, which the first read shows.
                let _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), Peer::Tcp(address)))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Stream::Unix(stream), Peer::Unix))
            }
        }
    }
}

impl Listener {
    /// Closes the socket and returns the clients that were in its queue, at most so many. It asks
    /// the system to the last moment; a client that is still in the queue then is cut off.
    pub(super) fn close(self, most: usize) -> Vec<(Stream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let Ok(listener) = listener.into_std() else { return Vec::new() };
                let clients = std::iter::from_fn(|| listener.accept().ok()).take(most);
                let client = |(stream, address): (net::TcpStream, _)| {
                    stream.set_nonblocking(true).ok()?;
                    let _ = stream.set_nodelay(true);
                    Some((Stream::Tcp(TcpStream::from_std(stream).ok()?), Peer::Tcp(address)))
                };
                clients.filter_map(client).collect()
            }
            Self::Unix(listener) => {
                let Ok(listener) = listener.into_std() else { return Vec::new() };
                let clients = std::iter::from_fn(|| listener.accept().ok()).take(most);
                let client = |(stream, _): (unix::net::UnixStream, _)| {
                    stream.set_nonblocking(true).ok()?;
                    Some((Stream::Unix(UnixStream::from_std(stream).ok()?), Peer::Unix))
                };
                clients.filter_map(client).collect()
            }
        }
    }
}

/// Opens the sockets that the configuration names. `mode` is the unix socket's permissions.
///
/// # Errors
/// See [`ListenError`].
pub async fn listen(on: &Listen, mode: u32) -> Result<Vec<Listener>, ListenError> {
    match on {
        Listen::Tcp(address) => match TcpListener::bind(address).await {
            Ok(listener) => Ok(vec![Listener::Tcp(listener)]),
            Err(reason) => Err(ListenError::Tcp { address: address.clone(), reason }),
        },
        Listen::Unix(path) => unix(path, mode)
            .await
            .map(|listener| vec![Listener::Unix(listener)])
            .map_err(|reason| ListenError::Unix { path: path.clone(), reason }),
        Listen::Systemd => {
            let listeners = systemd(&mut ListenFd::from_env()).map_err(ListenError::Systemd)?;
            if listeners.is_empty() { Err(ListenError::NoSockets) } else { Ok(listeners) }
        }
    }
}

/// Opens a unix socket. A socket file that a dead process has left is replaced; any other file is
/// not touched.
async fn unix(path: &Path, mode: u32) -> io::Result<UnixListener> {
    let is_socket = path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket());
    if is_socket && is_left_behind(path).await {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(listener)
}

/// Does no process listen on the socket? A full queue or a missing right gives another error.
async fn is_left_behind(socket: &Path) -> bool {
    let answer = UnixStream::connect(socket).await;
    answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn systemd(handed: &mut ListenFd) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for index in 0..handed.len() {
        if let Ok(Some(listener)) = handed.take_tcp_listener(index) {
            listener.set_nonblocking(true)?;
            listeners.push(Listener::Tcp(TcpListener::from_std(listener)?));
        } else if let Some(listener) = handed.take_unix_listener(index)? {
            listener.set_nonblocking(true)?;
            listeners.push(Listener::Unix(UnixListener::from_std(listener)?));
        }
    }
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::net::TcpStream;

    use super::{Listen, listen};

    /// The runtime has not seen these clients yet; only the system has.
    #[tokio::test]
    async fn regression_clients_who_came_at_the_last_moment_were_cut_off()
    -> Result<(), Box<dyn Error>> {
        let mut listeners = listen(&Listen::Tcp("127.0.0.1:0".into()), 0o600).await?;
        let listener = listeners.pop().ok_or("no listener")?;
        let address = listener.address().replace("http://", "");
        let clients = [TcpStream::connect(&address)?, TcpStream::connect(&address)?];
        assert_eq!(listener.close(10).len(), clients.len());
        assert!(TcpStream::connect(&address).is_err());
        Ok(())
    }
}
