//! The client that a failure counts for: an address, or a client's network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that stands for one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(Net);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Net {
    V4(Ipv4Addr),
    /// The first 64 bits: a client with one address of such a network has all of them.
    V6(u64),
}

impl ClientAddress {
    /// Returns the client of an address; `None` for an address of the local network. There it
    /// belongs to a proxy that does not name its client, so it could stand for all clients.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        let own = match address.to_canonical() {
            IpAddr::V4(address) => {
                address.is_loopback()
                    || address.is_private()
                    || address.is_link_local()
                    || address.is_unspecified()
            }
            IpAddr::V6(address) => {
                address.is_loopback()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.is_unspecified()
            }
        };
        (!own).then(|| Self::anywhere(address))
    }

    /// Also accepts an address of the local network, for resources that are shared out and not
    /// refused.
    #[must_use]
    pub fn anywhere(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(Net::V4(address)),
            IpAddr::V6(address) => Self(Net::V6(network(address))),
        }
    }
}

/// Shows an address, or an IPv6 network by its first address.
impl fmt::Display for ClientAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Net::V4(address) => address.fmt(out),
            Net::V6(network) => Ipv6Addr::from_bits(u128::from(network) << 64).fmt(out),
        }
    }
}

fn network(address: Ipv6Addr) -> u64 {
    let [a, b, c, d, ..] = address.segments().map(u64::from);
    a << 48 | b << 32 | c << 16 | d
}
