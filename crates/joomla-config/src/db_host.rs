//! Joomla's notations for a database host: `name`, `name:3307`, `name:/path/to/socket`, `[::1]`.
//!
//! For `$host` of `configuration.php`. Must not import: `std::net`, `std::fs`.

use std::path::PathBuf;

use php_compat::number;

/// The port of a database server when none is given.
const DEFAULT_PORT: u16 = 3306;

/// Where a database server listens, as Joomla understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbHost {
    /// The host as written, with the brackets of an IPv6 address. `None` only for `unix:/path`.
    pub host: Option<String>,
    /// The TCP port. `None` when [`DbHost::socket`] was given in its place.
    pub port: Option<u16>,
    /// The unix socket. When it is there, host and port do not count.
    pub socket: Option<PathBuf>,
}

impl DbHost {
    /// Reads a `$host`.
    ///
    /// What follows the colon is the port when it is a number, else the path of a socket. A text in
    /// none of Joomla's notations is a host name as a whole, on port 3306: nothing is trimmed, and
    /// names with an underscore or beyond ASCII cannot have a port. A number that is no TCP port
    /// leaves the text whole, too, so that the connection fails naming it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if let Some(path) = text.strip_prefix("unix:")
            && is_single(path)
        {
            return Self { host: None, port: Some(DEFAULT_PORT), socket: Some(path.into()) };
        }
        let whole = || Self { host: Some(text.to_owned()), port: Some(DEFAULT_PORT), socket: None };
        let Some((host, place)) = split(text) else {
            return whole();
        };
        let host = Some(host.to_owned());
        if !number::is_numeric(place.as_bytes()) {
            return Self { host, port: None, socket: Some(place.into()) };
        }
        match u16::try_from(number::text_to_int(place.as_bytes())) {
            Ok(port) => Self { host, port: Some(port), socket: None },
            Err(_) => whole(),
        }
    }

    /// Whether PHP would connect by its default unix socket: the host is `localhost`, and no
    /// socket and no port but the usual one is named. Its client library takes `localhost`
    /// for "this machine", not for the address `127.0.0.1`.
    #[must_use]
    pub fn is_default_socket(&self) -> bool {
        let local = self.host.as_deref() == Some("localhost");
        local && self.socket.is_none() && self.port == Some(DEFAULT_PORT)
    }
}

/// The host and what follows its colon; `None` when the text is a host alone.
fn split(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('[')
        && let Some(end) = text.rfind("]:")
    {
        let (host, place) = text.split_at_checked(end + 1)?;
        return place
            .strip_prefix(':')
            .filter(|place| !place.is_empty())
            .map(|place| (host, place));
    }
    let (host, place) = match text.split_once("://") {
        // `tcp://name:3307`; a third slash belongs to the scheme.
        Some((scheme, rest)) if is_word(scheme) => {
            let (name, place) = rest.split_once(':')?;
            let host = text.get(..text.len() - place.len() - 1)?;
            let name = name.strip_prefix('/').unwrap_or(name);
            is_name(name).then_some((host, place))?
        }
        _ => {
            let (host, place) = text.split_once(':')?;
            match host {
                "" => ("localhost", place),
                _ if is_name(host) => (host, place),
                _ => return None,
            }
        }
    };
    let free = is_ipv4(host) && !place.is_empty();
    (free || is_single(place)).then_some((host, place))
}

/// Whether this can be a place behind a name: not empty, and without another colon.
fn is_single(place: &str) -> bool {
    !place.is_empty() && !place.contains(':')
}

fn is_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    !host.is_empty() && host.bytes().all(allowed)
}

fn is_word(scheme: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !scheme.is_empty() && scheme.bytes().all(allowed)
}

/// Four numbers up to 255, leading zeros allowed.
fn is_ipv4(host: &str) -> bool {
    let number = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        digits && part.len() <= 3 && part.parse::<u8>().is_ok()
    };
    host.split('.').count() == 4 && host.split('.').all(number)
}
