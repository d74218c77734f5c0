//! The other end of a connection: the peer itself, and the client behind trusted proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;

use crate::config::values::TrustedProxy;
use crate::limits::ClientAddress;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A TCP client.
    Tcp(SocketAddr),
    /// A process on this machine, by the unix socket.
    Unix,
}

/// The trusted proxies: their forwarding headers are believed.
#[derive(Debug, Clone)]
pub struct Proxies {
    trusted: Arc<Vec<TrustedProxy>>,
    warned: Arc<AtomicBool>,
}

impl Proxies {
    /// Trusts the proxies of the configuration.
    #[must_use]
    pub fn new(trusted: Vec<TrustedProxy>) -> Self {
        Self { trusted: Arc::new(trusted), warned: Arc::new(AtomicBool::new(false)) }
    }

    /// Finds the client's address, for the log and for limits; `None` if the peer is the unix
    /// socket and no forwarded address came with the request.
    ///
    /// From a trusted peer it is the right-most entry of `X-Forwarded-For` that is not itself
    /// trusted: the client may have made up the entries further left.
    #[must_use]
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Option<IpAddr> {
        let own = match peer {
            Peer::Tcp(address) => Some(address.ip().to_canonical()),
            Peer::Unix => None,
        };
        if !self.trusts(peer) {
            self.warn_once(headers);
            return own;
        }
        let mut nearest = own;
        for entry in forwarded_for(headers).rev() {
            let Some(address) = address(entry) else { break };
            nearest = Some(address);
            if !self.trusts_address(address) {
                break;
            }
        }
        nearest
    }

    /// Returns the address if it stands for one client. A proxy's address stands for all clients
    /// behind it, which cannot be told apart then.
    #[must_use]
    pub fn client_address(&self, client: Option<IpAddr>) -> Option<ClientAddress> {
        client.filter(|client| !self.trusts_address(*client)).and_then(ClientAddress::of)
    }

    /// Returns the address that the client's places and memory count for: any address except a
    /// proxy's. Addresses of the local network count too, as a client there can hold as much as
    /// others.
    #[must_use]
    pub fn holder(&self, client: Option<IpAddr>) -> Option<ClientAddress> {
        client.filter(|client| !self.trusts_address(*client)).map(ClientAddress::anywhere)
    }

    /// Returns the address that a peer's connection counts for; `None` for a proxy, whose
    /// connections carry many clients.
    #[must_use]
    pub fn connection_holder(&self, peer: Peer) -> Option<ClientAddress> {
        match peer {
            Peer::Tcp(address) => self.holder(Some(address.ip())),
            Peer::Unix => None,
        }
    }

    /// Did the client use TLS up to a trusted proxy? Joomla's rule: any value of the header counts
    /// as TLS, also a list of several hops, except `http` by itself.
    #[must_use]
    pub fn is_secure(&self, peer: Peer, headers: &HeaderMap) -> bool {
        let mut told = headers
            .get_all("x-forwarded-proto")
            .iter()
            .map(|value| value.as_bytes().trim_ascii())
            .filter(|value| !value.is_empty());
        let first = told.next().filter(|_| self.trusts(peer));
        first.is_some_and(|value| !value.eq_ignore_ascii_case(b"http") || told.next().is_some())
    }

    /// Are the peer's forwarding headers believed?
    pub(crate) fn trusts(&self, peer: Peer) -> bool {
        match peer {
            Peer::Tcp(address) => self.trusts_address(address.ip()),
            Peer::Unix => self.trusted.contains(&TrustedProxy::Unix),
        }
    }

    fn trusts_address(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|proxy| proxy.holds(address))
    }

    /// Warns once: a proxy that is missing in the configuration shows up, and a hostile client
    /// cannot fill the log.
    fn warn_once(&self, headers: &HeaderMap) {
        if headers.contains_key("x-forwarded-for") && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a peer that is not trusted sends `X-Forwarded-For`, which is ignored: if it is \
                 your proxy, add it to `trusted_proxies` in `[server]`"
            );
        }
    }
}

/// Splits all `X-Forwarded-For` headers into their entries, left to right.
///
/// It splits bytes: text of the client's in the header must not hide the entry that the proxy has
/// added.
fn forwarded_for(headers: &HeaderMap) -> impl DoubleEndedIterator<Item = &[u8]> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|entry| !entry.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

/// Reads an address in the forms that proxies write: bare, in brackets, with a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(entry).ok()?;
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}
