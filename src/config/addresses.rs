//! Types of configuration values that are addresses: of listeners, of trusted peers, and of the web
//! server behind the bridge.
//!
//! Part of `values`; parsed once, when the configuration is read.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

use super::section::from_text;
use crate::told::{Told, told};

/// The address of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// `host:port`; a port without a host is on this machine.
    Tcp(String),
    /// `unix:/path`.
    Unix(PathBuf),
    /// Sockets handed over by systemd.
    Systemd,
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp("127.0.0.1:8080".into())
    }
}

impl FromStr for Listen {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        let wrong = || {
            told!(
            "`{text}` is no address" =>
            "write a port like `8080`, `127.0.0.1:8080`, `unix:/path` or `systemd`"
            )
        };
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.starts_with('/') { Ok(Self::Unix(path.into())) } else { Err(wrong()) };
        }
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Self::Tcp(format!("127.0.0.1:{port}")));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        port.parse::<u16>().map_err(|_| wrong())?;
        if host.is_empty() { Err(wrong()) } else { Ok(Self::Tcp(text.into())) }
    }
}

/// The address of the admin listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminListen(Listen);

impl AdminListen {
    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> &Listen {
        &self.0
    }

    /// Returns whether other machines can reach it. Every name except `localhost` counts as
    /// reachable.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let Listen::Tcp(address) = &self.0 else { return false };
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let is_loopback = bare.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback());
        !is_loopback && bare != "localhost"
    }
}

impl FromStr for AdminListen {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        match text.parse() {
            Ok(listen) if listen != Listen::Systemd => Ok(Self(listen)),
            _ => Err(told!(
            "`{text}` is no address" =>
            "write a port like `9180`, `127.0.0.1:9180` or `unix:/path`"
            )),
        }
    }
}

/// A peer whose forwarding headers are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedProxy {
    /// The unix socket.
    Unix,
    /// A network, or a single address with its full length.
    Network(IpAddr, u8),
}

impl TrustedProxy {
    /// Returns the peers trusted by default: loopback and the unix socket.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::Network([127, 0, 0, 0].into(), 8),
            Self::Network(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
            Self::Unix,
        ]
    }

    /// Returns whether the address is in this network.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        // An IPv4 client on an IPv6 socket is still the IPv4 client.
        match (self, address.to_canonical()) {
            (Self::Network(IpAddr::V4(net), bits), IpAddr::V4(ip)) => {
                let shift = 32_u32.saturating_sub(u32::from(*bits));
                let cut = |ip: std::net::Ipv4Addr| u32::from(ip).checked_shr(shift).unwrap_or(0);
                cut(*net) == cut(ip)
            }
            (Self::Network(IpAddr::V6(net), bits), IpAddr::V6(ip)) => {
                let shift = 128_u32.saturating_sub(u32::from(*bits));
                let cut = |ip: Ipv6Addr| u128::from(ip).checked_shr(shift).unwrap_or(0);
                cut(*net) == cut(ip)
            }
            _ => false,
        }
    }
}

impl FromStr for TrustedProxy {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        let wrong = || {
            told!(
            "`{text}` is no address, network or `unix`" =>
            "write `192.0.2.1` or `10.0.0.0/8`"
            )
        };
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let (ip, bits) = match text.split_once('/') {
            None => (text, None),
            Some((ip, bits)) => (ip, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
        };
        let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        match bits.unwrap_or(most) {
            bits if bits <= most => Ok(Self::Network(ip, bits)),
            _ => Err(wrong()),
        }
    }
}

/// The web server of the site behind the bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// `host:port`.
    pub authority: String,
}

impl FromStr for Upstream {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        let wrong = || {
            told!(
            "`{text}` is no web server on this side of the network" =>
            "write `http://127.0.0.1:8081`, without a path"
            )
        };
        let authority = text.strip_prefix("http://").ok_or_else(wrong)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = authority.rsplit_once(':').ok_or_else(wrong)?;
        let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        let is_name = |host: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            !host.trim_matches('.').is_empty() && host.bytes().all(plain)
        };
        let is_host = |host: &str| match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok()),
            None => is_name(host),
        };
        if is_port && is_host(host) {
            Ok(Self { authority: authority.into() })
        } else {
            Err(wrong())
        }
    }
}

from_text!(Listen, AdminListen, TrustedProxy, Upstream);
