//! Where a site's MySQL or MariaDB is and how to talk to it, and what the driver makes of that.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use mysql_async::{ClientIdentity, Opts, OptsBuilder, PoolConstraints, PoolOpts, SslOpts};
use secrecy::{ExposeSecret, SecretString};

use crate::joomla::TablePrefix;
use crate::named_file::{self, CERTIFICATES};

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
    /// Where the server listens.
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

/// Where a MySQL or MariaDB server listens.
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
    /// The authorities that may have signed it, PEM or DER; without it the well-known ones of
    /// the web.
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
    pub(super) fn options(&self, setup: Vec<String>) -> Opts {
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
        match &self.address {
            ServerAddress::Tcp { host, port } => builder
                .ip_or_hostname(host.trim_start_matches('[').trim_end_matches(']'))
                .tcp_port(*port)
                .ssl_opts(self.tls.as_ref().map(Tls::options)),
            ServerAddress::Socket(path) => builder.socket(Some(path.to_string_lossy())),
        }
        .into()
    }
}

impl Tls {
    /// What is wrong with the files, by name: the driver's own error would not tell which it is.
    pub(super) fn unreadable_file(&self) -> Option<String> {
        let identity = self.identity.iter();
        let identity = identity.flat_map(|(certificate, key)| [certificate, key]);
        self.ca.iter().chain(identity).find_map(|path| {
            let error = named_file::read(path, CERTIFICATES).err()?;
            Some(format!("cannot read `{}`: {error}", path.display()))
        })
    }

    fn options(&self) -> SslOpts {
        SslOpts::default()
            .with_root_certs(self.ca.iter().map(|path| content(path).into()).collect())
            .with_disable_built_in_roots(self.ca.is_some())
            .with_danger_accept_invalid_certs(!self.verify)
            .with_danger_skip_domain_validation(!self.verify)
            .with_client_identity(self.identity.as_ref().map(|(certificate, key)| {
                ClientIdentity::new(content(certificate).into(), content(key).into())
            }))
    }
}

/// What is in a file, read once: the driver would read it anew for each connection, and wait for ever
/// where nothing comes. What cannot be read is told of before.
fn content(path: &Path) -> Vec<u8> {
    named_file::read(path, CERTIFICATES).unwrap_or_default()
}
