//! Finds an upstream that is the bridge itself: requests would go in a circle.
//!
//! Called with the configured addresses, and at the start with the open sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use tokio::time::timeout;

use super::fixed::Fixed;
use crate::config::problem::Problem;
use crate::config::values::{AdminListen, Listen, Upstream};
use crate::supervise::blocking;

/// Time for looking up the upstream's name.
const NAMES_LIMIT: Duration = Duration::from_secs(5);

/// Checks that the upstream is not the bridge, as far as the configuration shows it. The sockets
/// that systemd hands over are known later, see [`upstream_is_none_of`].
///
/// A silent name server must not block the threads of a running service, nor its reload. So an
/// upstream that cannot be checked in time is accepted.
///
/// # Errors
/// An upstream at an address of the bridge: requests would go in a circle.
pub async fn upstream_is_not_the_bridge(
    upstream: Option<&Upstream>,
    fixed: &Fixed,
) -> Result<(), Problem> {
    let Some(upstream) = upstream.cloned() else { return Ok(()) };
    let (listen, admin) = (fixed.listen.clone(), fixed.admin.clone());
    let look = blocking(move || look_up(&upstream, &listen, admin.as_ref()));
    match timeout(NAMES_LIMIT, look).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

fn look_up(
    upstream: &Upstream,
    listen: &Listen,
    admin: Option<&AdminListen>,
) -> Result<(), Problem> {
    let admin = admin.map(|listen| ("admin", listen.address()));
    for (section, listen) in [("server", listen)].into_iter().chain(admin) {
        let Listen::Tcp(address) = listen else { continue };
        let place = format!("`listen` in `[{section}]`");
        upstream_is_none_of(Some(upstream), &place, || addresses(address))?;
    }
    Ok(())
}

/// Checks that the upstream is none of our own addresses. They are computed only if there is an
/// upstream.
///
/// # Errors
/// An upstream that is one of them.
pub fn upstream_is_none_of(
    upstream: Option<&Upstream>,
    place: &str,
    ours: impl FnOnce() -> Vec<SocketAddr>,
) -> Result<(), Problem> {
    let Some(upstream) = upstream else { return Ok(()) };
    let port = upstream.authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let ours = ours();
    // Look up the name only if a port is the same.
    if !ours.iter().any(|ours| Some(ours.port()) == port) {
        return Ok(());
    }
    let theirs = addresses(&upstream.authority);
    if theirs.iter().any(|theirs| ours.iter().any(|ours| leads_to(*theirs, *ours))) {
        let what = format!(
            "`upstream` in `[fallback]`, `http://{}`, is the bridge itself ({place}), so requests would \
             go in a circle",
            upstream.authority
        );
        let advice = "name the address where the site's own web server listens, for example \
                      `http://127.0.0.1:8081`";
        return Err(Problem::new("fallback.upstream", what, advice).as_sentence());
    }
    Ok(())
}

/// Resolves a host and port; empty if the host is unknown.
fn addresses(address: &str) -> Vec<SocketAddr> {
    address.to_socket_addrs().map(Iterator::collect).unwrap_or_default()
}

/// Returns whether a connection to an address arrives at a socket that listens on the other.
fn leads_to(to: SocketAddr, listening: SocketAddr) -> bool {
    if to.port() != listening.port() {
        return false;
    }
    let to = reached(to.ip().to_canonical());
    let listening = listening.ip().to_canonical();
    match listening {
        IpAddr::V4(all) if all.is_unspecified() => to.is_ipv4() && is_of_this_machine(to),
        // Accepts IPv4, too.
        IpAddr::V6(all) if all.is_unspecified() => is_of_this_machine(to),
        one => one == to,
    }
}

/// Returns the address that a connection reaches: the unspecified address leads to this machine.
fn reached(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Returns whether an address belongs to this machine: only then a socket can be bound to it. Sends
/// no packet.
fn is_of_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}
