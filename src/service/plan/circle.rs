//! Whether the site behind the bridge is the bridge itself: requests would go in a circle.
//!
//! Called with the configured addresses, and at the start with the sockets that are open.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use tokio::time::timeout;

use super::fixed::Fixed;
use crate::config::problem::Problem;
use crate::config::values::{AdminListen, Listen, Upstream};
use crate::supervise::blocking;

/// Time for looking up the upstream's name.
const NAMES_LIMIT: Duration = Duration::from_secs(5);

/// Looks for an upstream that is the bridge itself, as far as the configuration tells: what systemd hands
/// over is known later, see [`upstream_is_none_of`]. A name server that is silent must not hold up the
/// threads of a service that runs, nor its reload: what is not known in time is let pass.
///
/// # Errors
/// An upstream where the bridge listens: requests would go in a circle.
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

/// Whether the upstream is none of these addresses, which are ours. They are only asked for where
/// there is an upstream.
///
/// # Errors
/// It is one of them.
pub fn upstream_is_none_of(
    upstream: Option<&Upstream>,
    place: &str,
    ours: impl FnOnce() -> Vec<SocketAddr>,
) -> Result<(), Problem> {
    let Some(upstream) = upstream else { return Ok(()) };
    let port = upstream.authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let ours = ours();
    // A name is looked up only where it can matter.
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

/// What a host and port stand for; none where the host is not known.
fn addresses(address: &str) -> Vec<SocketAddr> {
    address.to_socket_addrs().map(Iterator::collect).unwrap_or_default()
}

/// Whether a connection to an address arrives at a socket that listens on the other.
fn leads_to(to: SocketAddr, listening: SocketAddr) -> bool {
    if to.port() != listening.port() {
        return false;
    }
    let to = reached(to.ip().to_canonical());
    let listening = listening.ip().to_canonical();
    match listening {
        IpAddr::V4(all) if all.is_unspecified() => to.is_ipv4() && is_of_this_machine(to),
        // Takes IPv4, too.
        IpAddr::V6(all) if all.is_unspecified() => is_of_this_machine(to),
        one => one == to,
    }
}

/// A connection to no address in particular goes to this machine.
fn reached(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

/// Only addresses of its own can be bound on a machine. Nothing is sent.
fn is_of_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}
