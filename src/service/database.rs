//! From the `[database]` section to a store.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use joomla_config::DbHost;
use secrecy::{ExposeSecret, SecretString};

use super::start_error::StartError;
use crate::config::Config;
use crate::config::sections::Database;
use crate::config::values;
use crate::store::{
    Joomla, MySqlSessionTimes, MySqlSettings, MySqlStore, ServerAddress, SessionTimes,
    SqliteSessionTimes, SqliteStore, TablePrefix, Tls,
};

/// Where MySQL listens when nobody says otherwise.
const MYSQL_PORT: u16 = 3306;
/// Debian's and most others' place for the server's socket.
const SOCKETS: &[&str] =
    &["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

/// Where the site's database is.
pub(super) enum DatabaseLocation {
    /// On a server.
    MySql(MySqlSettings),
    /// In a file.
    Sqlite { path: PathBuf, prefix: TablePrefix, limit: Duration },
}

/// Reads the section.
///
/// # Errors
/// One that names no database.
pub(super) fn place(config: &Database) -> Result<DatabaseLocation, StartError> {
    let url = match &config.url {
        None => Url::default(),
        Some(url) => Url::parse(url)?,
    };
    let prefix = config.prefix.as_deref().ok_or_else(|| {
        StartError::missing("database.prefix", "the table prefix, `$dbprefix` in configuration.php")
    })?;
    let prefix =
        TablePrefix::from_str(prefix).map_err(|error| StartError::Config(error.to_string()))?;
    let timeout = Duration::from_secs(config.query_timeout.max(1));
    if let Some(path) = &url.sqlite {
        return Ok(DatabaseLocation::Sqlite { path: path.clone(), prefix, limit: timeout });
    }
    let settings = MySqlSettings {
        address: address(config, &url)?,
        database: config.name.clone().or(url.name).ok_or_else(|| {
            StartError::missing("database.name", "the database, `$db` in configuration.php")
        })?,
        user: config.user.clone().or(url.user).ok_or_else(|| {
            StartError::missing("database.user", "the account, `$user` in configuration.php")
        })?,
        password: config.password.clone().or(url.password).unwrap_or_default(),
        prefix,
        tls: tls(config),
        pool_max: usize::try_from(config.pool_size).unwrap_or(usize::MAX),
        connect_timeout: Duration::from_secs(config.connect_timeout.max(1)),
        query_timeout: timeout,
    };
    Ok(DatabaseLocation::MySql(settings))
}

impl DatabaseLocation {
    /// Opens the database for reading.
    ///
    /// # Errors
    /// A database that does not answer as the site's would.
    pub(super) async fn open(&self) -> Result<Arc<dyn Joomla>, StartError> {
        Ok(match self {
            Self::MySql(settings) => Arc::new(MySqlStore::connect(settings.clone()).await?),
            Self::Sqlite { path, prefix, limit } => {
                Arc::new(SqliteStore::open(path, prefix, *limit)?)
            }
        })
    }

    /// What writes the times of sessions; it opens nothing before the first.
    pub(super) fn session_times(&self, config: &Config) -> Arc<dyn SessionTimes> {
        match self {
            Self::MySql(settings) => {
                Arc::new(MySqlSessionTimes::new(writer(settings.clone(), &config.database)))
            }
            Self::Sqlite { path, prefix, limit } => {
                Arc::new(SqliteSessionTimes::new(path.clone(), prefix, *limit))
            }
        }
    }
}

/// How to reach jBackend's own tables for writing.
pub(super) fn writer(reader: MySqlSettings, config: &Database) -> MySqlSettings {
    let mut settings = MySqlSettings { pool_max: WRITERS, ..reader };
    if let Some(user) = &config.writer_user {
        settings.user.clone_from(user);
        settings.password = config.writer_password.clone().unwrap_or_default();
    }
    settings
}

/// Connections for writing.
const WRITERS: usize = 2;

fn address(config: &Database, url: &Url) -> Result<ServerAddress, StartError> {
    if let Some(socket) = &config.socket {
        return Ok(ServerAddress::Socket(socket.clone()));
    }
    let text = config.host.as_deref().or(url.host.as_deref()).ok_or_else(|| {
        let what =
            "the database server, or set `root` in `[joomla]` to read it from configuration.php";
        StartError::missing("database.host", what)
    })?;
    let host = DbHost::parse(text);
    let named = match config.port {
        None => url.port,
        Some(port) => Some(u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
            let what = format!("`database.port`: {port} is no TCP port: use 1 to 65535");
            StartError::Config(what)
        })?),
    };
    // PHP takes `localhost` without a port for the local socket; where there is none, TCP it is.
    if host.is_default_socket()
        && named.is_none()
        && let Some(socket) = SOCKETS.iter().map(PathBuf::from).find(|path| path.exists())
    {
        return Ok(ServerAddress::Socket(socket));
    }
    if let Some(socket) = host.socket {
        return Ok(ServerAddress::Socket(socket));
    }
    // A host without a port reads as one with the default, so a port of its own key wins over it.
    let port = match host.port {
        Some(port) if port != MYSQL_PORT => port,
        _ => named.unwrap_or(MYSQL_PORT),
    };
    Ok(ServerAddress::Tcp { host: host.host.unwrap_or_default(), port })
}

fn tls(config: &Database) -> Option<Tls> {
    let verify = match config.tls {
        values::Tls::Off => return None,
        values::Tls::Required => false,
        values::Tls::Verify => true,
    };
    let identity = config.tls_cert.clone().zip(config.tls_key.clone());
    Some(Tls { verify, ca: config.tls_ca.clone(), identity })
}

/// `database.url`, taken apart.
#[derive(Default)]
struct Url {
    sqlite: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<SecretString>,
    name: Option<String>,
}

impl Url {
    fn parse(url: &SecretString) -> Result<Self, StartError> {
        let wrong = || {
            StartError::Config(
                "`database.url` is not valid: write `mysql://user:password@host:port/name` (with `%40` \
                 for `@`, `%2F` for `/`, `%3A` for `:`, `%3F` for `?`, `%23` for `#`, `%25` for `%` \
                 in the parts) or `sqlite:/path/to/file.db`; or set `host`, `name`, `user` and \
                 `password` in its place, which take every character as it is"
                    .into(),
            )
        };
        let url = url.expose_secret();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Self { sqlite: Some(path.into()), ..Self::default() });
        }
        let rest = url
            .strip_prefix("mysql://")
            .or_else(|| url.strip_prefix("mariadb://"))
            .ok_or_else(wrong)?;
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        // The rest of a password with a bare `/`, which no message may show as a database's name.
        if name.contains(['@', '/', '?', '#']) {
            return Err(wrong());
        }
        let (login, host) = match authority.rsplit_once('@') {
            None => (None, authority),
            Some((login, host)) => (Some(login), host),
        };
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, "")))
        {
            None => (None, None),
            Some((user, password)) => (Some(decoded(user)), Some(decoded(password).into())),
        };
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, Some(port.parse().map_err(|_| wrong())?))
            }
            _ => (host, None),
        };
        let some = |text: &str| (!text.is_empty()).then(|| decoded(text));
        Ok(Self { sqlite: None, host: some(host), port, user, password, name: some(name) })
    }
}

fn decoded(text: &str) -> String {
    let bytes = php_compat::query::percent_decode(text.as_bytes(), false);
    String::from_utf8_lossy(&bytes).into_owned()
}
