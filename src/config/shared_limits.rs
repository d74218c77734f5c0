//! The address of the server through which bridges share their limits.
//!
//! Read by `config::sections`, used by `limits`. Messages do not show the text of the value: it may
//! contain a password.

use std::fmt;
use std::str::FromStr;

use redis::io::tcp::TcpSettings;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};
use secrecy::{ExposeSecret, SecretString};

use super::section::from_text;
use crate::told::{Told, told};

/// `redis://`, `rediss://` or `unix://`, with name and password. It is shown without them.
#[derive(Clone)]
pub struct RedisUrl {
    text: SecretString,
    /// On the heap, because every copy of the configuration has room for it.
    connection: Box<ConnectionInfo>,
    is_encrypted: bool,
}

impl RedisUrl {
    /// Returns how to connect; with TLS, the connection below it.
    #[must_use]
    pub fn connection(&self) -> ConnectionInfo {
        ConnectionInfo::clone(&self.connection)
    }

    /// Returns whether the connection uses TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }
}

from_text!(RedisUrl);

impl FromStr for RedisUrl {
    type Err = Told;

    fn from_str(text: &str) -> Result<Self, Told> {
        // The library does not support TLS here; TLS is added around its connection.
        let encrypted = [("rediss://", "redis://"), ("valkeys://", "valkey://")];
        let plain = encrypted.iter().find_map(|(encrypted, plain)| {
            text.strip_prefix(encrypted).map(|rest| format!("{plain}{rest}"))
        });
        match parse(plain.as_deref().unwrap_or(text)) {
            Some(connection) => {
                let settings = TcpSettings::default().set_nodelay(true);
                let connection = Box::new(connection.set_tcp_settings(settings));
                Ok(Self { text: text.into(), connection, is_encrypted: plain.is_some() })
            }
            None => Err(told!(
                "this is no address of a Redis or Valkey server" =>
                "write `redis://host:6379`, `redis://user:password@host:6379/0` (`rediss://` for TLS) \
                 or `unix:///path/to.sock?db=0&user=name&pass=password`; in user and password characters \
                 other than letters and digits as `%XX`"
            )),
        }
    }
}

/// Parses the address; refuses it if any part of it would have no effect.
fn parse(text: &str) -> Option<ConnectionInfo> {
    let url = redis::parse_redis_url(text)?;
    let known: &[&str] = match url.scheme() {
        "redis" | "valkey" => &[],
        _ => &["db", "user", "pass"],
    };
    let unknown = url.query_pairs().any(|(name, _)| !known.contains(&name.as_ref()));
    let connection = url.fragment().is_none().then(|| text.into_connection_info().ok())??;
    let settings = connection.redis_settings();
    // A name without a password would not be sent.
    let is_whole = settings.username().is_none() || settings.password().is_some();
    (!unknown && is_whole && settings.db() >= 0).then_some(connection)
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted() { "rediss" } else { "redis" };
        let db = self.connection.redis_settings().db();
        match self.connection.addr() {
            ConnectionAddr::Tcp(host, port) => {
                let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
                write!(out, "{scheme}://{open}{host}{close}:{port}/{db}")
            }
            ConnectionAddr::Unix(path) => write!(out, "unix://{}?db={db}", path.display()),
            _ => write!(out, "{scheme}:"),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RedisUrl({self})")
    }
}

impl PartialEq for RedisUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text.expose_secret() == other.text.expose_secret()
    }
}

impl Eq for RedisUrl {}
