//! The address and connection settings of a site's MySQL or MariaDB, and the driver's options for
//! them.

use std::{
    fmt, future,
    path::{Path, PathBuf},
    time::Duration,
};

use mysql_async::{Opts, OptsBuilder, PoolConstraints, PoolOpts};
use secrecy::{ExposeSecret, SecretString};

use super::relay::{Relay, Route};
use crate::named_file::{self, CERTIFICATES};
use crate::store::{StoreError, TablePrefix};
use crate::tls::{Authorities, Client, Identity, Trust};

/// The most connections the bridge takes from the server, which Joomla needs too.
const MOST_CONNECTIONS: usize = 8;

/// The largest answer, in bytes: MariaDB's own default.
const LARGEST_PACKET: usize = 16 * 1024 * 1024;

/// A connection idle for longer is not used again, in seconds: firewalls forget such ones.
const LONGEST_IDLE: usize = 240;

/// How long connections above the first stay open without use.
const SPARE_CONNECTION_TTL: Duration = Duration::from_mins(1);

/// Everything needed to read a site's database.
#[derive(Debug, Clone)]
pub struct MySqlSettings {
    /// The server's address.
    pub address: ServerAddress,
    /// The database.
    pub database: String,
    /// The account; reading is all it needs to be allowed.
    pub user: String,
    /// Its password; may be empty.
    pub password: SecretString,
    /// The prefix of the site's tables.
    pub prefix: TablePrefix,
    /// Encryption of TCP connections; sockets are never encrypted.
    pub tls: Option<Tls>,
    /// Connections at most, 1 to 8; other numbers are taken as the nearest of these. 4 serves
    /// two cores best.
    pub pool_max: usize,
    /// How long to wait for a free or a new connection.
    pub connect_timeout: Duration,
    /// How long a statement may run, here and on the server.
    pub query_timeout: Duration,
}

/// The address of a MySQL or MariaDB server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerAddress {
    /// By TCP.
    Tcp {
        /// A name or address; an IPv6 address may stand in brackets.
        host: String,
        /// Usually 3306.
        port: u16,
    },
    /// By unix socket.
    Socket(PathBuf),
}

/// How a connection is encrypted, after Joomla's `dbencryption` and `dbssl…` fields
/// (`docs/joomla.md`). `dbsslcipher` has no counterpart: the two sides agree on a safe one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// Whether the server's certificate must be valid and for its name. If not, any is taken.
    pub verify: bool,
    /// The authorities that may have signed it, or the certificate itself, PEM or DER; without it
    /// the well-known authorities of the web.
    pub ca: Option<PathBuf>,
    /// The certificate and the key, PEM or DER, that this side shows; for `dbencryption` 2.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') && !host.starts_with('[') => {
                write!(f, "[{host}]:{port}")
            }
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

impl MySqlSettings {
    /// Connections at most, as the pool takes it.
    pub(super) fn pool_size(&self) -> usize {
        self.pool_max.clamp(1, MOST_CONNECTIONS)
    }

    /// The driver's options; `setup` is run on every new connection.
    ///
    /// # Errors
    /// TLS that cannot be had as it is wanted.
    pub(super) fn options(&self, setup: Vec<String>) -> Result<Opts, StoreError> {
        let bound = self.pool_size();
        let pool = PoolOpts::new()
            // Resetting costs a round trip and the prepared statements; no call changes the session.
            .with_reset_connection(false)
            .with_constraints(PoolConstraints::new(1, bound).unwrap_or_default())
            .with_inactive_connection_ttl(SPARE_CONNECTION_TTL);
        let builder = OptsBuilder::default()
            .user(Some(self.user.clone()))
            .pass(Some(self.password.expose_secret()))
            .db_name(Some(self.database.clone()))
            .pool_opts(pool)
            .setup(setup)
            .prefer_socket(false)
            // Both are asked from the server at every connect when they are not given.
            .max_allowed_packet(Some(LARGEST_PACKET))
            .wait_timeout(Some(LONGEST_IDLE));
        Ok(match (&self.address, &self.tls) {
            (ServerAddress::Tcp { host, port }, None) => {
                builder.ip_or_hostname(without_brackets(host)).tcp_port(*port)
            }
            (ServerAddress::Tcp { host, port }, Some(tls)) => {
                let relay = self.relay(without_brackets(host), *port, tls)?;
                let name = relay.name().to_owned();
                // The relay is there as long as the options are, which every connection has.
                builder.socket(Some(name)).after_connect(move |_| {
                    let _ = &relay;
                    Box::pin(future::ready(Ok(())))
                })
            }
            (ServerAddress::Socket(path), _) => builder.socket(Some(path.to_string_lossy())),
        }
        .into())
    }

    fn relay(&self, host: &str, port: u16, tls: &Tls) -> Result<Relay, StoreError> {
        let failed = |reason| StoreError::Tls { place: self.address.to_string(), reason };
        let tls = tls.client().map_err(failed)?;
        let route = Route { host: host.to_owned(), port, tls, patience: self.connect_timeout };
        Relay::open(route).map_err(|error| failed(format!("no socket inside the bridge: {error}")))
    }
}

fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

impl Tls {
    /// Returns the client that adds TLS to a connection. Files are read once for all connections of
    /// a pool.
    ///
    /// # Errors
    /// Names the file and its problem.
    fn client(&self) -> Result<Client, String> {
        let ca = self.ca.as_deref().map(content).transpose()?;
        let trust = match (self.verify, self.ca.as_deref().zip(ca)) {
            (false, _) => Trust::Anything,
            (true, None) => Trust::Public,
            (true, Some((path, ca))) => Trust::Only(
                Authorities::parse(&ca)
                    .map_err(|error| format!("cannot use `{}`: {error}", path.display()))?,
            ),
        };
        let identity = self.identity.as_ref().map(|(certificate, key)| {
            Identity::parse(&content(certificate)?, &content(key)?)
                .map_err(|error| error.to_string())
        });
        Client::new(&trust, identity.transpose()?).map_err(|error| error.to_string())
    }
}

fn content(path: &Path) -> Result<Vec<u8>, String> {
    named_file::read(path, CERTIFICATES)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}
